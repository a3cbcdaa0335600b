import DibsData
import DibsTesting
import Foundation
import Synchronization
import Testing

private struct Stop: Error {}

@Suite("Transactions happen whole or not at all")
struct TransactionTests {
    private func shelves(in database: Database) async throws -> Set<String> {
        Set(try await Shelf.all.all(in: database).map(\.name))
    }

    @Test(arguments: Backend.all)
    func `what throws is undone`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let stop = try await failure(as: Stop.self) {
                try await database.write { tx in
                    _ = try tx.addShelf("ghost")
                    throw Stop()
                }
            }
            #expect(stop != nil)
            let names = try await shelves(in: database)
            #expect(names == [])
        }
    }

    @Test(arguments: Backend.all)
    func `a savepoint that fails takes only its own part back`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            try await database.write { tx in
                _ = try tx.addShelf("kept")
                try? tx.savepoint {
                    _ = try tx.addShelf("lost")
                    _ = try tx.savepoint { try tx.addShelf("lost too") }
                    _ = try tx.addShelf("kept")  // is there already
                }
                _ = try tx.savepoint { try tx.addShelf("also kept") }
            }
            let names = try await shelves(in: database)
            #expect(names == ["kept", "also kept"])
        }
    }

    @Test(arguments: Backend.all)
    func `a snapshot sees nothing of a later commit`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let looked = AsyncStream.makeStream(of: Void.self)
            let written = DispatchSemaphore(value: 0)
            async let counts = database.read { snapshot in
                let first = try Shelf.all.count(in: snapshot)
                looked.continuation.finish()
                written.wait()
                return (first, try Shelf.all.count(in: snapshot))
            }
            for await _ in looked.stream {}
            _ = try await database.write { try $0.addShelf("late") }
            written.signal()
            let (first, second) = try await counts
            #expect(first == 0 && second == 0)
        }
    }

    @Test(arguments: Backend.all)
    func `a snapshot cannot write`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let refused = try await failure(as: DataError.self) {
                try await database.read { snapshot in
                    try snapshot.rows(
                        "INSERT INTO shelves (name) VALUES ('x') RETURNING name", as: String.self)
                }
            }
            #expect(refused != nil)
            let names = try await shelves(in: database)
            #expect(names == [])
        }
    }

    @Test(arguments: Backend.all)
    func `of many writes at once each happens, and one that fails fails alone`(
        on backend: Backend
    ) async throws {
        try await backend.withLibrary { database in
            let failed = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let error = try? await failure(as: Stop.self) {
                            try await database.write { tx in
                                _ = try tx.addShelf("s\(number)")
                                if number.isMultiple(of: 7) { throw Stop() }
                            }
                        }
                        return error != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            let kept = (0..<200).filter { !$0.isMultiple(of: 7) }
            #expect(failed == 200 - kept.count)
            let names = try await shelves(in: database)
            #expect(names == Set(kept.map { "s\($0)" }))
        }
    }

    @Test(arguments: Backend.all)
    func `now is one moment a transaction, the database's or the test's`(
        on backend: Backend
    ) async throws {
        let clock = ManualClock()
        try await backend.withDatabase(clock: clock.forDatabase) { database in
            let start = clock.now
            let (first, second) = try await database.write { tx in
                let first = try tx.now()
                clock.advance(seconds: 60)
                return (first, try tx.now())
            }
            #expect(first == start && second == start)
        }
        try await backend.withDatabase { database in
            let now = try await database.write { try $0.now() }
            #expect(abs(now.timeIntervalSinceNow) < 5)
        }
    }
}

@Suite("A database opens itself once, when it is first asked")
struct OpeningTests {
    @Test(arguments: Backend.all)
    func `100 first queries open once, and a failed opening is tried again by the next`(
        on backend: Backend
    ) async throws {
        try await backend.withPlace { place in
            let opened = Mutex(0)
            let gate = AsyncStream.makeStream(of: Void.self)
            let database = Database {
                let attempt = opened.withLock { count in
                    count += 1
                    return count
                }
                if attempt == 1 {
                    for await _ in gate.stream {}
                    throw DataError(.open, "not yet")
                }
                return try await place.open()
            }
            #expect(opened.withLock { $0 } == 0, "making it does nothing")
            async let first = answers(of: database)
            gate.continuation.finish()
            // Whoever asked before the failure was told of it; whoever came after it, answered.
            #expect(await first < 100)
            #expect(await answers(of: database) == 100)
            #expect(opened.withLock { $0 } == 2)
            await database.close()
        }
    }

    private func answers(of database: Database) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    let found = try? await database.read { try $0.rows("SELECT 1", as: Int.self) }
                    return found != nil
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test(arguments: Backend.all)
    func `it can be closed and asked again`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            _ = try await database.write { try $0.addShelf() }
            await database.close()
            #expect(try await database.read { try Shelf.all.count(in: $0) } == 1)
        }
    }
}

@Suite("Migrations run once, in order, and unchanged")
struct MigrationRuleTests {
    private let one = Migration(
        "0001_one", sqlite: "CREATE TABLE a (x INTEGER) STRICT; CREATE TABLE b (x INTEGER) STRICT",
        postgres: "CREATE TABLE a (x bigint); CREATE TABLE b (x bigint)")
    private let two = Migration(
        "0002_two", sqlite: "CREATE TABLE c (x INTEGER) STRICT",
        postgres: "CREATE TABLE c (x bigint)")
    private let broken = Migration(
        "0002_two", sqlite: "CREATE TABLE c (x INTEGER) STRICT; CREATE TABLE a (x INTEGER) STRICT",
        postgres: "CREATE TABLE c (x bigint); CREATE TABLE a (x bigint)")

    @Test(arguments: Backend.all)
    func `of two servers that migrate at once one does it`(on backend: Backend) async throws {
        let steps = [one, two]
        try await backend.withPlace { place in
            let (left, right) = (
                Database { try await place.open() }, Database { try await place.open() }
            )
            async let first = left.migrate(steps)
            async let second = right.migrate(steps)
            let ran = try await first + second
            #expect(ran.sorted() == ["0001_one", "0002_two"])
            await left.close()
            await right.close()
        }
    }

    @Test(arguments: Backend.all)
    func `one that was changed or is missing here stops everything`(
        on backend: Backend
    ) async throws {
        try await backend.withDatabase { database in
            try await database.migrate([one, two])
            let edited = Migration("0001_one", sqlite: "", postgres: "")
            for steps in [[edited, two], [one]] {
                let error = try await failure(as: DataError.self) {
                    try await database.migrate(steps)
                }
                #expect(error?.code == .migration)
            }
        }
    }

    @Test(arguments: Backend.all)
    func `one that fails leaves nothing behind`(on backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.migrate([one])
            let error = try await failure(as: DataError.self) {
                try await database.migrate([one, broken])
            }
            #expect(error != nil)
            #expect(try await database.pendingMigrations(of: [one, two]) == ["0002_two"])
            #expect(try await database.migrate([one, two]) == ["0002_two"])
        }
    }
}
