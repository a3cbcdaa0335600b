internal import ArgumentParser
internal import DibsCore
internal import DibsData
internal import DibsEngine
internal import DibsPostgres
internal import DibsSQLite
internal import DibsSchema
internal import Foundation

/// Which database: the one place that picks an engine.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: """
            sqlite:PATH or postgres://… (DIBS_DATABASE_URL). Default: SQLite in your data folder. \
            A password here can be read in the process list: better a file, or PGPASSFILE.
            """)
    var database: String?

    @Option(help: "A file that holds the same (DIBS_DATABASE_FILE).")
    var databaseFile: String?

    @Option(
        help: """
            The file with the server's secret (DIBS_SECRET_FILE). Default: beside the SQLite file, \
            or dibs.secret in your data folder.
            """)
    var secretFile: String?

    init() {}

    /// The same as on the command line, with nothing else said.
    init(database: String?) { (self.database, databaseFile, secretFile) = (database, nil, nil) }

    /// The place of the data.
    enum Place: Equatable {
        case sqlite(path: String)
        case postgres(address: String)
    }

    func place(
        in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Place {
        guard let text = try address(in: environment) else {
            return .sqlite(
                path: Self.dataFolder(in: environment).appending(path: "dibs.sqlite").path(
                    percentEncoded: false))
        }
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            return .postgres(address: text)
        }
        if text.hasPrefix("sqlite:") {
            let path = text.dropFirst(7).replacing(/^\/\//, with: "")
            if !path.isEmpty, path != ":memory:" { return .sqlite(path: String(path)) }
        }
        // The text may hold a password.
        throw DibsError(
            .usage, "That is no database.", hint: "Use sqlite:PATH or postgres://USER@HOST/NAME.")
    }

    /// The address that names the database; nil when nothing does.
    private func address(in environment: [String: String]) throws -> String? {
        if let text = Self.word(database) { return text }
        guard let path = namingFile(in: environment) else {
            return databaseFile == nil ? Self.word(environment["DIBS_DATABASE_URL"]) : nil
        }
        guard let text = Self.word(try? String(contentsOfFile: path, encoding: .utf8)) else {
            throw DibsError(
                .usage, "The file that names the database cannot be read.",
                details: ["file": path],
                hint: "It holds one line, such as postgres://USER:PASSWORD@HOST/NAME.")
        }
        return text
    }

    /// Path of the file that names the database; nil when something else does.
    private func namingFile(in environment: [String: String]) -> String? {
        guard Self.word(database) == nil else { return nil }
        if let databaseFile { return Self.word(databaseFile) }
        guard Self.word(environment["DIBS_DATABASE_URL"]) == nil else { return nil }
        return Self.word(environment["DIBS_DATABASE_FILE"])
    }

    private static func word(_ text: String?) -> String? {
        let word = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        return word.isEmpty ? nil : word
    }

    /// The file that names the database, when it holds a password.
    func fileWithPassword(in environment: [String: String]) throws -> PrivateFile? {
        guard let path = namingFile(in: environment),
            case .postgres(let address) = try place(in: environment),
            try parsed(address).hasPassword
        else { return nil }
        return PrivateFile(path)
    }

    /// Finds the file of the server's secret.
    func secretFile(
        in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> SecretFile {
        if let path = secretFile ?? environment["DIBS_SECRET_FILE"], !path.isEmpty {
            return SecretFile(place: URL(filePath: path))
        }
        switch try place(in: environment) {
        case .sqlite(let path):
            // Of a database that is linked to, beside the link or beside the file itself.
            let beside = [path, PrivateFile(path).resolved.path].map { $0 + ".secret" }
            let found = beside.first { PrivateFile($0).mode != nil } ?? beside[1]
            return SecretFile(place: URL(filePath: found))
        case .postgres:
            return SecretFile(
                place: Self.dataFolder(in: environment).appending(path: "dibs.secret"))
        }
    }

    /// A database that opens when it is first asked.
    ///
    /// A file that is another program's, or a newer Dibs's, is refused before it is touched.
    func open(for purpose: FilePurpose = .serve) throws -> Database {
        switch try place() {
        case .sqlite(let path):
            return Database {
                if purpose == .serve { try PrivateFile(path).makeFolder() }
                if purpose != .look { try await Self.lookFirst(at: path) }
                return try await SQLiteEngine.open(path: path, for: purpose)
            }
        case .postgres(let address):
            if database?.isEmpty == false, try parsed(address).hasPassword {
                Terminal.note(
                    "warning: a password on the command line can be read in the process list; "
                        + "use --database-file, DIBS_DATABASE_URL or PGPASSFILE.")
            }
            let style = try Self.statementStyle(in: ProcessInfo.processInfo.environment)
            return Database { try await PostgresEngine.open(address, statements: style) }
        }
    }

    /// Throws `foreign` or `migration` for a file that this version must not write to.
    private static func lookFirst(at path: String) async throws {
        guard let size = PrivateFile(path).size, size > 0 else { return }
        let looked = Database { try await SQLiteEngine.open(path: path, for: .look) }
        do { _ = try await looked.pendingMigrations(of: Schema.migrations) } catch {
            await looked.close()
            throw error
        }
        await looked.close()
    }

    /// Reads the way in which statements go through a pooler, where the operator knows better
    /// (DIBS_PG_STATEMENTS).
    static func statementStyle(in environment: [String: String]) throws -> StatementStyle? {
        guard let word = environment["DIBS_PG_STATEMENTS"], !word.isEmpty, word != "auto" else {
            return nil
        }
        if let style = StatementStyle(rawValue: word) { return style }
        throw DibsError(
            .usage, "DIBS_PG_STATEMENTS has no such value.", details: ["value": word],
            hint: "Use auto (as found), unnamed (behind any pooler) or named (never through one).")
    }

    private func parsed(_ address: String) throws -> PostgresAddress {
        do { return try PostgresAddress(address) } catch let error as DataError {
            throw DibsError(error)
        }
    }

    /// As it is shown: without a password.
    func description() throws -> String {
        switch try place() {
        case .sqlite(let path): "SQLite, \(path)"
        case .postgres(let address): "PostgreSQL, \(try parsed(address))"
        }
    }

    static func dataFolder(in environment: [String: String]) -> URL {
        func folder(_ name: String) -> URL? {
            environment[name].flatMap { $0.isEmpty ? nil : URL(filePath: $0) }
        }
        let home = folder("HOME") ?? URL(filePath: NSHomeDirectory())
        let base = folder("XDG_DATA_HOME")
        return (base ?? home.appending(path: ".local/share")).appending(path: "dibs")
    }
}
