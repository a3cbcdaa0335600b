internal import ArgumentParser
internal import DibsCore
internal import DibsData
internal import DibsEngine
internal import DibsSQLite
internal import DibsSchema

/// The command `dibs doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Recompute every counter and sum from the rows, and look at the files.",
        discussion: """
            It reads one snapshot and changes nothing, not a byte; the server may be running. It \
            looks at the database, at who else can read its files and the files with your key or \
            password, and at whether the secret is there and the right one. It exits with 1 when \
            anything does not agree, and with 9 when there is no Dibs, its schema is another \
            version's, or the secret is missing or another database's.

            Examples:
              dibs doctor
              dibs doctor --json --database postgres://dibs@db/dibs
            """)

    @OptionGroup var database: DatabaseOptions

    @Flag(help: "Answer in JSON, for programs.")
    var json = false

    func run() async throws {
        let database = try self.database.open(for: .look)
        let (findings, missing) = try await findings(in: database)
        await database.close()
        if json {
            try Terminal.printJSON(findings)
        } else {
            var table = TextTable("id", "kept", "counted", "what")
            for finding in findings {
                table.add(finding.id, finding.kept, finding.counted, finding.what)
            }
            Terminal.print(table.text(orNone: "All is well."))
            for remedy in findings.compactMap(\.remedy) { Terminal.print("run: \(remedy)") }
        }
        if let missing { throw missing }
        guard findings.isEmpty else { throw ExitCode(1) }
    }

    /// Findings that are wrong, and the error of a secret that is missing, which is one of them.
    private func findings(
        in database: Database
    ) async throws -> (findings: [Finding], missing: DibsError?) {
        let pending = try await translatingErrors {
            try await database.pendingMigrations(of: Schema.migrations)
        }
        guard pending.count < Schema.migrations.count else {
            throw DibsError.notSetUp("the database has no tables of Dibs")
        }
        guard pending.isEmpty else {
            throw DibsError(
                .schemaDrift, "The database is at the schema of an older version.",
                details: ["missing": pending.joined(separator: ", ")],
                hint: "Run dibs migrate, and ask again.")
        }
        let secretFile = try self.database.secretFile()
        let files = try FileReview.findings(of: self.database)
        var missing: DibsError?
        if secretFile.foreignRights == 0 {
            if let secret = try secretFile.secret() {
                try await database.check(secret)
            } else if try await database.hasSecret() {
                missing = secretFile.missing
            }
        }
        let absence = missing.map {
            Finding(what: $0.message, id: secretFile.path, kept: "none", counted: "1 file")
        }
        let rows = try await database.findings()
        return ([absence].compactMap(\.self) + files + rows, missing)
    }
}
