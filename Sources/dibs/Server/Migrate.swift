internal import ArgumentParser
internal import DibsCore
internal import DibsData
internal import DibsEngine
internal import DibsSQLite
internal import DibsSchema

/// The command `dibs migrate`.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a database to this version's schema, or check it.",
        discussion: """
            Every step runs once, in one transaction, under a lock. With --check nothing changes: \
            it exits with 9 when a step is missing or the schema is not the declared one.

            Examples:
              dibs migrate
              dibs migrate --check --database postgres://dibs@db/dibs
            """)

    @OptionGroup var database: DatabaseOptions

    @Flag(help: "Change nothing; say what is missing or different.")
    var check = false

    func run() async throws {
        let database = try self.database.open(for: check ? .look : .serve)
        let lines = try await translatingErrors {
            check ? try await differences(in: database) : try await migrate(database)
        }
        await database.close()
        for line in lines { Terminal.print(line) }
        guard check, !lines.isEmpty else {
            if lines.isEmpty { Terminal.print("The schema is up to date.") }
            return
        }
        throw DibsError(
            .schemaDrift, "The database is not at this version's schema.",
            details: ["differences": "\(lines.count)"],
            hint: "Run dibs migrate; what is left then was changed by hand.")
    }

    private func migrate(_ database: Database) async throws -> [String] {
        try await database.migrate(Schema.migrations).map { "ran \($0)" }
    }

    private func differences(in database: Database) async throws -> [String] {
        let pending: [String]
        do { pending = try await database.pendingMigrations(of: Schema.migrations) } catch let error
            as DataError where error.code == .absent
        {
            pending = Schema.migrations.map(\.name)
        }
        guard pending.isEmpty else { return pending.map { "not yet run: \($0)" } }
        return try await database.schemaDrift(from: Schema.tables)
    }
}
