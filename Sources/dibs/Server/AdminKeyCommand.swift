internal import ArgumentParser
internal import DibsCore
internal import DibsData
internal import DibsEngine
internal import DibsSQLite
internal import DibsSchema

/// The command `dibs admin-key`.
struct AdminKeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin-key",
        abstract: "Give the admin a new key, when the only one is lost.",
        discussion: """
            It speaks to the database and not to the server, and so needs the database and the \
            server's secret file. The oldest open admin account gets a new random key, shown once; \
            its old one opens nothing from then on. The server may be running.

            Examples:
              dibs admin-key
              dibs admin-key --database sqlite:/srv/dibs/dibs.sqlite
            """)

    @OptionGroup var database: DatabaseOptions

    func run() async throws {
        let database = try self.database.open(for: .change)
        let pending = try await translatingErrors {
            try await database.pendingMigrations(of: Schema.migrations)
        }
        guard pending.isEmpty else {
            throw DibsError.notSetUp("the database lacks tables of this version")
        }
        let secret = try self.database.secretFile().secret(mayMake: false)
        let engine = try await Engine.open(database, secret: secret)
        let admin = try await engine.renewAdminKey()
        await database.close()
        guard let admin else { throw DibsError.notSetUp("the database has no account yet") }
        Terminal.print("The new key of \(admin.account.name), shown this once: \(admin.apiKey)")
        Terminal.note("Put it where the old one is kept: DIBS_KEY, or ~/.config/dibs/config.json.")
    }
}
