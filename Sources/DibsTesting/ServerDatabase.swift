package import DibsData
package import DibsPostgres
internal import Foundation

/// A database of its own on the test's PostgreSQL server, where a schema is not enough: another
/// encoding, another owner, a pooler that knows databases only.
package struct ServerDatabase: Sendable {
    /// Its name.
    package let name: String
    /// An address that leads straight to it.
    package let address: String

    /// An address that leads to it through PgBouncer, in transaction mode.
    package func pooledAddress() throws -> String {
        try Self.address(of: name, at: "DIBS_TEST_PGBOUNCER")
    }

    /// Runs a test on a new database, which is gone afterwards.
    ///
    /// - `options` are those of CREATE DATABASE.
    package static func with<T>(
        _ options: String = "", _ body: (ServerDatabase) async throws -> T
    ) async throws -> T {
        let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
        try await run("CREATE DATABASE \(name) \(options)")
        let place = ServerDatabase(
            name: name, address: try address(of: name, at: "DIBS_TEST_POSTGRES"))
        do {
            let value = try await body(place)
            try await run("DROP DATABASE \(name) WITH (FORCE)")
            return value
        } catch {
            try await run("DROP DATABASE \(name) WITH (FORCE)")
            throw error
        }
    }

    /// Runs a statement as the server's owner, outside of a transaction, in its own database or in
    /// the one named.
    package static func run(_ statement: String, in name: String = "postgres") async throws {
        let server = try address(of: name, at: "DIBS_TEST_POSTGRES")
        let engine = try await PostgresEngine.open(server, connections: 1)
        do {
            try await engine.read(statements: 1) { try $0.script(statement) }
            await engine.close()
        } catch {
            await engine.close()
            throw error
        }
    }

    private static func address(of name: String, at variable: String) throws -> String {
        guard let server = ProcessInfo.processInfo.environment[variable],
            server.contains("/postgres?")
        else {
            throw DataError(
                .open, "\(variable) leads to no server: run make test, or Scripts/with-postgres")
        }
        return server.replacing("/postgres?", with: "/\(name)?")
    }

    /// A database as a server opens it.
    package func open(
        _ address: String? = nil, connections: Int = 4, statements: StatementStyle? = nil
    ) -> Database {
        Self.open(address ?? self.address, connections: connections, statements: statements)
    }

    /// A database at any address, as a server opens it.
    package static func open(
        _ address: String, connections: Int = 8, statements: StatementStyle? = nil
    ) -> Database {
        Database {
            try await PostgresEngine.open(
                address, connections: connections, statements: statements)
        }
    }
}
