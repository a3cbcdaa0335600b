import DibsData
import DibsPostgres
import DibsTesting
import Foundation
import Testing

@Suite("PostgreSQL: what is wrong is said, what was lost comes back")
struct PostgresTests {
    private func opening(_ change: (String) -> String) async throws -> DataError? {
        try await Backend.postgres.withPlace { place in
            try await failure(as: DataError.self) {
                try await PostgresEngine.open(change(place.address))
            }
        }
    }

    @Test func `a wrong host, port, database, user or password is named`() async throws {
        let host = try await opening { _ in "postgres://nobody@no-such-host.invalid/x" }
        #expect(host?.code == .open && host?.message.contains("host") == true)
        let port = try await opening { _ in "postgres://nobody@127.0.0.1:1/x" }
        #expect(port?.code == .open && port?.message.contains("Nothing listens") == true)
        let database = try await opening { $0.replacing("/postgres?", with: "/no_such_one?") }
        #expect(database?.message.contains("does not have that database") == true)
        let user = try await opening { $0.replacing("dibs@", with: "nobody_here@") }
        #expect(user?.message.contains("does not know the user") == true)
        let password = try await opening { $0.replacing("dibs@", with: "dibs_locked:wrong@") }
        #expect(password?.message.contains("refuses the user or the password") == true)
    }

    @Test func `an acknowledged write is synchronous, whatever the server's setting`() async throws
    {
        try await Backend.postgres.withPlace { place in
            let address = place.address + "%20-csynchronous_commit%3Doff"
            let database = Database { try await PostgresEngine.open(address) }
            let inside = try await database.write { tx in
                _ = try tx.rows("SELECT 1", as: Int.self)
                return try tx.rows("SELECT current_setting('synchronous_commit')", as: String.self)
            }
            #expect(inside == ["on"])
            await database.close()
        }
    }

    /// A function of that name, found before the server's own, says what such a server would.
    @Test func `a server that does not wait for its disk is refused`() async throws {
        try await Backend.postgres.withPlace { place in
            let database = Database { try await PostgresEngine.open(place.address) }
            try await database.write {
                try $0.script(
                    """
                    CREATE FUNCTION current_setting(text) RETURNS text LANGUAGE sql
                    AS $$ SELECT CASE $1 WHEN 'fsync' THEN 'off' ELSE 'on' END $$
                    """)
            }
            await database.close()
            let error = try await failure(as: DataError.self) {
                try await PostgresEngine.open(place.address + "%2Cpg_catalog")
            }
            #expect(error?.code == .open && error?.message.contains("fsync = off") == true)
        }
    }

    @Test func `a connection that is cut is made again, and the write repeated`() async throws {
        try await Backend.postgres.withLibrary { database in
            _ = try await database.write { try $0.addShelf("before") }
            try await cutConnections(of: database)
            _ = try await database.write { try $0.addShelf("after") }
            #expect(try await database.read { try Shelf.all.count(in: $0) } == 2)
        }
    }

    private func cutConnections(of database: Database) async throws {
        let pids = try await database.read { try $0.rows("SELECT pg_backend_pid()", as: Int.self) }
        try await Backend.postgres.withDatabase { other in
            let cut = try await other.write { tx in
                try tx.rows(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid \(in: pids)",
                    as: Bool.self)
            }
            #expect(cut == [true])
        }
    }

    @Test func `an error that is swallowed does not pass for a commit`() async throws {
        try await Backend.postgres.withLibrary { database in
            let error = try await failure(as: DataError.self) {
                try await database.write { tx in
                    _ = try tx.addShelf("twice")
                    _ = try? tx.addShelf("twice")
                }
            }
            #expect(error?.code == .engine)
            #expect(try await database.read { try Shelf.all.count(in: $0) } == 0)
        }
    }

    @Test func `a plan made stale by a migration is made again`() async throws {
        try await Backend.postgres.withLibrary { database in
            _ = try await database.write { try $0.addShelf("A") }
            let query: SQL = "SELECT * FROM shelves"
            _ = try await database.write { try $0.rows(query, as: SampleID<Shelf>.self) }
            try await database.write { try $0.script("ALTER TABLE shelves ADD COLUMN extra int") }
            for _ in 0..<8 {
                let found = try await database.write {
                    try $0.rows(query, as: SampleID<Shelf>.self)
                }
                #expect(found.count == 1)
            }
        }
    }

    @Test func `two transactions that lock each other both succeed`() async throws {
        try await Backend.postgres.withLibrary { database in
            let (a, b) = try await database.write { (try $0.addShelf("a"), try $0.addShelf("b")) }
            try await withThrowingTaskGroup { group in
                for number in 0..<8 {
                    group.addTask {
                        let ids = number.isMultiple(of: 2) ? [a.id, b.id] : [b.id, a.id]
                        try await database.write { tx in
                            for id in ids {
                                try tx.update(Shelf.self) {
                                    $0.set(\.name, to: "name || 'x'")
                                } where: {
                                    $0.id == id
                                }
                            }
                        }
                    }
                }
                for try await _ in group {}
            }
            let names = try await Shelf.all.all(in: database).map(\.name.count)
            #expect(names == [9, 9])
        }
    }
}
