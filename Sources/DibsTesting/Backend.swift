package import DibsData
internal import DibsPostgres
internal import DibsSQLite
internal import Foundation

/// An engine that a test runs on.
///
/// Every test that touches SQL takes `Backend.all` as its arguments.
package enum Backend: String, Sendable, CaseIterable {
    case sqlite, postgres

    /// Both, always: a test on an engine that is missing fails, and says what to do.
    package static let all = allCases

    /// Runs a test on an empty database of its own, which is gone afterwards.
    package func withDatabase<T>(
        clock: DatabaseClock = .database, _ body: (Database) async throws -> T
    ) async throws -> T {
        try await withPlace { place in
            let database = Database(clock: clock) { try await place.open() }
            do {
                let value = try await body(database)
                await database.close()
                return value
            } catch {
                await database.close()
                throw error
            }
        }
    }

    /// Runs a test on a place where several databases may be opened side by side.
    package func withPlace<T>(_ body: (DatabasePlace) async throws -> T) async throws -> T {
        let place = try await DatabasePlace.make(self)
        do {
            let value = try await body(place)
            try await place.remove()
            return value
        } catch {
            try await place.remove()
            throw error
        }
    }
}

/// The place of the data of one test: a file, or a schema on the test server.
package struct DatabasePlace: Sendable {
    /// Which engine.
    package let backend: Backend
    /// A path, or an address of PostgreSQL.
    package let address: String
    private let schema: String

    /// On a machine that runs the whole suite at once, even a connection takes its time.
    private static let patience = Duration.seconds(20)

    static func make(_ backend: Backend) async throws -> DatabasePlace {
        let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
        switch backend {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: "dibs-\(name)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            return DatabasePlace(
                backend: backend,
                address: folder.appending(path: "dibs.sqlite").path(percentEncoded: false),
                schema: name)
        case .postgres:
            let server = try testServer()
            try await administer(server, "CREATE SCHEMA \(name)")
            let separator = server.contains("?") ? "&" : "?"
            return DatabasePlace(
                backend: backend,
                address: server + separator + "options=-csearch_path%3D\(name)", schema: name)
        }
    }

    /// A connection of its own; with `tries` 1 a deadlock is told and not tried again.
    package func open(tries: Int = 8) async throws -> any SQLEngine {
        switch backend {
        case .sqlite: try await SQLiteEngine.open(path: address)
        case .postgres:
            try await PostgresEngine.open(
                address, connections: 4, patience: Self.patience, tries: tries)
        }
    }

    func remove() async throws {
        switch backend {
        case .sqlite:
            let file = URL(filePath: address)
            try FileManager.default.removeItem(at: file.deletingLastPathComponent())
        case .postgres:
            try await Self.administer(Self.testServer(), "DROP SCHEMA \(schema) CASCADE")
        }
    }

    private static func testServer() throws -> String {
        guard let server = ProcessInfo.processInfo.environment["DIBS_TEST_POSTGRES"] else {
            throw DataError(
                .open, "DIBS_TEST_POSTGRES is not set: run make test, or Scripts/with-postgres")
        }
        return server
    }

    private static func administer(_ server: String, _ statement: String) async throws {
        let database = Database {
            try await PostgresEngine.open(server, connections: 1, patience: patience)
        }
        try await database.write { try $0.script(statement) }
        await database.close()
    }
}
