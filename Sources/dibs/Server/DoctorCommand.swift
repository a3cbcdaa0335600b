internal import ArgumentParser
internal import DibsCore
internal import DibsData
internal import DibsEngine
internal import DibsSchema

/// The command `dibs doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Recompute every counter and sum from the rows, and look at the files.",
        discussion: """
            It reads one snapshot and changes nothing; the server may be running. It looks at the \
            database, at who else can read its files, and at whether the secret is the right one. \
            It exits with 1 when anything does not agree, and with 9 when there is no Dibs, its \
            schema is another version's, or the secret another database's.

            Examples:
              dibs doctor
              dibs doctor --json --database postgres://dibs@db/dibs
            """)

    @OptionGroup var database: DatabaseOptions

    @Flag(help: "Answer in JSON, for programs.")
    var json = false

    func run() async throws {
        let database = try self.database.open(creating: false)
        let findings = try await findings(in: database)
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
        guard findings.isEmpty else { throw ExitCode(1) }
    }

    private func findings(in database: Database) async throws -> [Finding] {
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
        let files = try FileReview.findings(of: self.database.place(), and: secretFile)
        if secretFile.foreignRights == 0 {
            if let secret = try secretFile.secret() {
                try await database.check(secret)
            } else {
                Terminal.note("There is no secret file to look at (\(secretFile.path)).")
            }
        }
        return try await files + database.findings()
    }
}
