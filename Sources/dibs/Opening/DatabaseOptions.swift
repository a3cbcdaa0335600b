internal import ArgumentParser
internal import DibsCore
internal import DibsData
internal import DibsPostgres
internal import DibsSQLite
internal import Foundation

/// Which database: the one place that picks an engine.
struct DatabaseOptions: ParsableArguments {
    @Option(
        help: """
            sqlite:PATH or postgres://… (DIBS_DATABASE_URL). Default: SQLite in your data folder.
            """)
    var database: String?

    @Option(
        help: """
            The file with the server's secret (DIBS_SECRET_FILE). Default: beside the SQLite file, \
            or dibs.secret in your data folder.
            """)
    var secretFile: String?

    /// Where the data is.
    enum Place: Equatable {
        case sqlite(path: String)
        case postgres(address: String)
    }

    func place(
        in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Place {
        guard let text = database ?? environment["DIBS_DATABASE_URL"], !text.isEmpty else {
            return .sqlite(
                path: Self.dataFolder(in: environment).appending(path: "dibs.sqlite").path(
                    percentEncoded: false))
        }
        if text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") {
            return .postgres(address: text)
        }
        if text.hasPrefix("sqlite:") {
            let path = text.dropFirst(7).replacing(/^\/\//, with: "")
            if !path.isEmpty { return .sqlite(path: String(path)) }
        }
        throw DibsError(
            .usage, "That is no database.", details: ["database": text],
            hint: "Use sqlite:PATH or postgres://USER@HOST/NAME.")
    }

    /// Where the server's secret is.
    func secretFile(
        in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> SecretFile {
        if let path = secretFile ?? environment["DIBS_SECRET_FILE"], !path.isEmpty {
            return SecretFile(place: URL(filePath: path))
        }
        switch try place(in: environment) {
        case .sqlite(let path): return SecretFile(place: URL(filePath: path + ".secret"))
        case .postgres:
            return SecretFile(
                place: Self.dataFolder(in: environment).appending(path: "dibs.secret"))
        }
    }

    /// A database that opens when it is first asked.
    func open() throws -> Database {
        switch try place() {
        case .sqlite(let path):
            return Database {
                try Self.makeFolder(of: path)
                return try await SQLiteEngine.open(path: path)
            }
        case .postgres(let address):
            return Database { try await PostgresEngine.open(address) }
        }
    }

    /// As it is shown: without a password.
    func description() throws -> String {
        switch try place() {
        case .sqlite(let path): "SQLite, \(path)"
        case .postgres(let address):
            "PostgreSQL, " + address.replacing(/:\/\/([^:@\/]*):[^@\/]*@/) { "://\($0.output.1)@" }
        }
    }

    static func dataFolder(in environment: [String: String]) -> URL {
        let home = URL(filePath: environment["HOME"] ?? NSHomeDirectory())
        let base = environment["XDG_DATA_HOME"].map { URL(filePath: $0) }
        return (base ?? home.appending(path: ".local/share")).appending(path: "dibs")
    }

    private static func makeFolder(of path: String) throws {
        let folder = URL(filePath: path).deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            let path = folder.path(percentEncoded: false)
            throw DataError(.open, "\(path) cannot be made: \(error.localizedDescription)")
        }
    }
}
