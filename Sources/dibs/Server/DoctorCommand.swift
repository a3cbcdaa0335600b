internal import ArgumentParser
internal import DibsCore
internal import DibsData
internal import DibsEngine

/// The command `dibs doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Recompute every counter and sum from the rows.",
        discussion: """
            It reads one snapshot and changes nothing; the server may be running. It exits with 1 \
            when anything does not agree.

            Examples:
              dibs doctor
              dibs doctor --json --database postgres://dibs@db/dibs
            """)

    @OptionGroup var database: DatabaseOptions

    @Flag(help: "Answer in JSON, for programs.")
    var json = false

    func run() async throws {
        let database = try self.database.open()
        let engine = try await Engine.open(
            database, secret: self.database.secretFile().secret())
        let findings = try await engine.findings()
        await database.close()
        if json {
            try Terminal.printJSON(findings)
        } else {
            var table = TextTable("id", "kept", "counted", "what")
            for finding in findings {
                table.add(finding.id, finding.kept, finding.counted, finding.what)
            }
            Terminal.print(table.text(orNone: "All is well."))
        }
        guard findings.isEmpty else { throw ExitCode(1) }
    }
}
