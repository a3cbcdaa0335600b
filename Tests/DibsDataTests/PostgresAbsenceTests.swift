import DibsData
import DibsPostgres
import DibsTesting
import Foundation
import Synchronization
import Testing

@Suite("PostgreSQL: what the operator's world does to it is told as that", .timeLimit(.minutes(5)))
struct PostgresAbsenceTests {
    @Test(arguments: ["LATIN1", "SQL_ASCII"])
    func `a database of another encoding is refused, with the statement to make one`(
        encoding: String
    ) async throws {
        let options = "ENCODING '\(encoding)' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        try await ServerDatabase.with(options) { place in
            let error = try await failure(as: DataError.self) {
                try await place.open().read { try $0.rows("SELECT 1", as: Int.self) }
            }
            #expect(error?.code == .open)
            #expect(error?.message.contains(encoding) == true)
            #expect(error?.message.contains("CREATE DATABASE dibs ENCODING 'UTF8'") == true)
        }
    }

    @Test func `a user who may make no tables is told the grant, which is enough`() async throws {
        try await ServerDatabase.with { place in
            let role = "role_" + place.name
            try await ServerDatabase.run(
                "REVOKE CREATE ON SCHEMA public FROM PUBLIC", in: place.name)
            try await ServerDatabase.run("CREATE ROLE \"\(role)\" LOGIN")
            let database = place.open(place.address.replacing("//dibs@", with: "//\(role)@"))
            let error = try await failure(as: DataError.self) {
                try await database.migrate([Library.migration])
            }
            #expect(error?.code == .denied)
            let grant = try #require(error?.message.firstMatch(of: /GRANT .*/)).output
            try await ServerDatabase.run(String(grant), in: place.name)
            #expect(try await database.migrate([Library.migration]) == ["0001_library"])
            // And where all is made, who may make nothing can serve.
            let revoke = grant.replacing("GRANT", with: "REVOKE").replacing(" TO ", with: " FROM ")
                .replacing("USAGE, ", with: "")
            try await ServerDatabase.run(String(revoke), in: place.name)
            #expect(try await database.migrate([Library.migration]) == [])
            _ = try await database.write { try $0.addShelf() }
            await database.close()
            try await ServerDatabase.run("DROP OWNED BY \"\(role)\"", in: place.name)
            try await ServerDatabase.run("DROP ROLE \"\(role)\"")
        }
    }

    @Test func `tables of another program are left alone`() async throws {
        for table in ["shelves (a int)", "schema_migrations (version text)"] {
            try await ServerDatabase.with { place in
                try await ServerDatabase.run("CREATE TABLE \(table)", in: place.name)
                let database = place.open()
                let error = try await failure(as: DataError.self) {
                    try await database.migrate([Library.migration])
                }
                #expect(error?.code == .foreign, "\(table)")
                let tables = try await database.read {
                    try $0.rows(
                        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
                        as: String.self)
                }
                #expect(tables.count == 1, "\(table)")
                await database.close()
            }
        }
    }

    @Test func `a connection that has become read-only is let go`() async throws {
        try await ServerDatabase.with { place in
            let database = place.open(connections: 1)
            try await database.migrate([Library.migration])
            try await database.write { try $0.script("SET default_transaction_read_only = on") }
            _ = try await database.write { try $0.addShelf() }
            #expect(try await database.read { try Shelf.all.count(in: $0) } == 1)
            await database.close()
        }
    }

    @Test func `a server that is read-only is away, soon, until it is not`()
        async throws
    {
        try await ServerDatabase.with { place in
            let database = place.open()
            try await database.migrate([Library.migration])
            try await database.proveWritable()
            try await ServerDatabase.run(
                "ALTER DATABASE \(place.name) SET default_transaction_read_only = on")
            try await ServerDatabase.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    + "WHERE datname = '\(place.name)'")
            let start = ContinuousClock.now
            let write = try await failure(as: DataError.self) {
                _ = try await database.write { try $0.addShelf() }
            }
            // It waits for 1.2 seconds; what a loaded machine adds is no fault, a hang is.
            #expect(start.duration(to: .now) < .seconds(20))
            #expect(write?.code == .unavailable && write?.message.contains("read-only") == true)
            let ready = try await failure(as: DataError.self) { try await database.proveWritable() }
            #expect(ready?.code == .unavailable)
            try await ServerDatabase.run(
                "ALTER DATABASE \(place.name) RESET default_transaction_read_only")
            _ = try await database.write { try $0.addShelf() }
            await database.close()
        }
    }

    /// A deferred trigger kills its own backend when the COMMIT runs it.
    @Test func `a commit of unknown outcome is told, and not repeated`() async throws {
        try await Backend.postgres.withLibrary { database in
            try await database.write { tx in
                try tx.script(
                    """
                    CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
                        BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
                    CREATE CONSTRAINT TRIGGER die AFTER INSERT ON shelves
                        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()
                    """)
            }
            let runs = Mutex(0)
            let error = try await failure(as: DataError.self) {
                try await database.write { tx in
                    runs.withLock { $0 += 1 }
                    _ = try tx.addShelf("once")
                }
            }
            #expect(error?.code == .unknownOutcome)
            #expect(runs.withLock { $0 } == 1)
            #expect(try await database.read { try Shelf.all.count(in: $0) } == 0)
            try await database.write { try $0.script("DROP TRIGGER die ON shelves") }
            _ = try await database.write { try $0.addShelf("later") }
            #expect(try await Shelf.all.all(in: database).map(\.name) == ["later"])
        }
    }

    @Test func `a statement that takes too long is stopped by the server, as busy`() async throws {
        try await Backend.postgres.withLibrary { database in
            let error = try await failure(as: DataError.self) {
                try await database.write { tx in
                    try tx.script("SET LOCAL statement_timeout = '10ms'; SELECT pg_sleep(5)")
                }
            }
            #expect(error?.code == .busy)
        }
    }

    @Test func `a session has limits of time, which a migration lifts`() async throws {
        try await Backend.postgres.withLibrary { database in
            let limits: SQL = """
                SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),
                    current_setting('idle_in_transaction_session_timeout')
                """
            let usual = try await database.write {
                try $0.rows(limits, as: String.self, String.self, String.self)
            }
            #expect(usual.first.map { [$0.0, $0.1, $0.2] } == ["30s", "10s", "30s"])
            let lifted = try await database.write { tx in
                try tx.liftTimeLimits()
                return try tx.rows(limits, as: String.self, String.self, String.self)
            }
            #expect(lifted.first.map { [$0.0, $0.1, $0.2] } == ["0", "0", "0"])
        }
    }

    @Test(arguments: [
        "postgres://u:hunter2@", "postgres://u:hun/ter2@h/d", "postgres://u:h@hunter2@h/d",
        "postgres://u:hunter2@127.0.0.1:1/d", "host=127.0.0.1 port=1 user=u password=hunter2",
        "postgres://u:x:hunter2%zz@h/d", "postgres://127.0.0.1:hunter2/d",
        "postgres://127.0.0.1:1/d?user=u&password=hunter2", "password=hunter2 nonsense",
    ])
    func `no error tells a password`(address: String) async throws {
        let error = try await failure(as: DataError.self) {
            try await PostgresEngine.open(address, connections: 1)
        }
        #expect(error != nil)
        for part in ["hunter2", "ter2"] {
            #expect("\(String(describing: error))".contains(part) == false)
        }
        if let address = try? PostgresAddress(address) {
            #expect(!"\(address)".contains("hunter2"))
        }
    }

    @Test func `an address is shown as it is, without its password`() throws {
        let shown = [
            "postgres://ada:secret@db:5432/dibs": "postgres://ada@db:5432/dibs",
            "postgresql://ada@/dibs?host=/run/pg&password=secret":
                "postgres://ada@/dibs?host=/run/pg",
            "host=a,b port=1,2 dbname=d password=secret": "postgres://a,b:1,2/d",
        ]
        for (address, text) in shown {
            #expect("\(try PostgresAddress(address))" == text)
            #expect(try PostgresAddress(address).hasPassword)
        }
        #expect(try !PostgresAddress("postgres://ada@db/dibs").hasPassword)
    }

    @Test func `of several hosts the first that takes us serves`() async throws {
        try await Backend.postgres.withPlace { place in
            let host = try #require(place.address.firstMatch(of: /host=([^&]+)/)).output.1
            let address = place.address.replacing("host=\(host)", with: "host=/nowhere,\(host)")
            let database = Database { try await PostgresEngine.open(address) }
            #expect(
                try await database.read { try $0.rows("SELECT 1::bigint", as: Int.self) } == [1])
            await database.close()
        }
    }

    /// The operator may say what is not so; then statements fail, and none is another's.
    @Test func `a statement is never taken for another, even when it is named`() async throws {
        try await ServerDatabase.with { place in
            let databases = try (0..<4).map { _ in
                place.open(try place.pooledAddress(), statements: .named)
            }
            let wrong = await withTaskGroup(of: Int.self) { group in
                for (place, database) in databases.enumerated() {
                    for caller in 0..<4 {
                        group.addTask {
                            var wrong = 0
                            for number in 0..<50 {
                                let text = "\(place) \(caller) \(number)"
                                let sql = SQL(stringLiteral: "SELECT '\(text)'")
                                let found = try? await database.write {
                                    try $0.rows(sql, as: String.self)
                                }
                                if let found, found != [text] { wrong += 1 }
                            }
                            return wrong
                        }
                    }
                }
                return await group.reduce(0, +)
            }
            #expect(wrong == 0)
            for database in databases { await database.close() }
        }
    }
}
