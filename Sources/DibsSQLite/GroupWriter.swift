internal import DibsData
internal import GRDB
internal import Synchronization

/// The one thread that writes: what waits at the same moment shares a transaction and its fsync.
///
/// Each write has a savepoint of its own, so one that throws takes only itself back. All are
/// answered after the one COMMIT, so an answer means durable. Some errors (disk full, an
/// interrupt) end the whole transaction inside SQLite: then nothing of the group has happened, and
/// each of its closures runs once more in a transaction of its own.
final class GroupWriter: Sendable {
    /// A group ends at this many writes, or when it has taken this long.
    private static let maximum = 64
    private static let longest = Duration.milliseconds(5)
    /// So many may wait; the next is told that the database is busy.
    private static let limit = 10_000

    private struct Write: Sendable {
        let run: @Sendable (any SQLConnection) throws -> Void
        let finish: @Sendable ((any Error)?) -> Void
    }

    private let waiting = Mutex<[Write]>([])
    private let thread: Threads<DatabaseQueue>

    init(_ queue: DatabaseQueue) {
        thread = Threads(maximum: 1, limit: .max) {
            queue
        } end: {
            try? $0.close()
        }
    }

    func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        let answer = Mutex<T?>(nil)
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            let write = Write { connection in
                let value = try body(connection)
                answer.withLock { $0 = value }
            } finish: { error in
                done.resume(with: error.map { .failure($0) } ?? .success(()))
            }
            do { try enqueue(write) } catch { write.finish(error) }
        }
        guard let value = answer.withLock({ $0 }) else {
            preconditionFailure("a write that is finished without an error has its answer")
        }
        return value
    }

    private func enqueue(_ write: Write) throws {
        try waiting.withLock { waiting in
            guard waiting.count < Self.limit else {
                throw DataError(.busy, "\(Self.limit) writes wait already")
            }
            waiting.append(write)
        }
        try thread.run { queue in self.writeGroup(with: queue) }
    }

    func close() async { await thread.close() }

    /// Takes what waits; every write asks for one group, so some find nothing left.
    private func writeGroup(with queue: DatabaseQueue) {
        let group = waiting.withLock { waiting in
            let group = Array(waiting.prefix(Self.maximum))
            waiting.removeFirst(group.count)
            return group
        }
        queue.inDatabase { database in
            var rest = group[...]
            while !rest.isEmpty { rest = rest.dropFirst(write(rest, to: database)) }
        }
    }

    /// Commits the first writes of a group together; answers how many.
    private func write(_ group: ArraySlice<Write>, to database: GRDB.Database) -> Int {
        guard group.count > 1 else {
            for write in group { writeAlone(write, to: database) }
            return group.count
        }
        var done: [(write: Write, error: (any Error)?)] = []
        do {
            let end = ContinuousClock.now + Self.longest
            try database.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
            for write in group where done.isEmpty || ContinuousClock.now < end {
                done.append((write, try writeInSavepoint(write, to: database)))
            }
            try database.cachedStatement(sql: "COMMIT").execute()
        } catch {
            if database.isInsideTransaction {
                try? database.cachedStatement(sql: "ROLLBACK").execute()
            }
            for write in group { writeAlone(write, to: database) }
            return group.count
        }
        for (write, error) in done { write.finish(error) }
        return done.count
    }

    /// The error that took back this write alone; throws when the transaction itself is gone.
    private func writeInSavepoint(
        _ write: Write, to database: GRDB.Database
    ) throws -> (any Error)? {
        try database.cachedStatement(sql: "SAVEPOINT one").execute()
        var failure: (any Error)?
        do {
            try translatingErrors { try write.run(SQLiteConnection(database)) }
        } catch {
            guard database.isInsideTransaction else { throw error }
            failure = error
            try database.cachedStatement(sql: "ROLLBACK TO one").execute()
        }
        try database.cachedStatement(sql: "RELEASE one").execute()
        return failure
    }

    private func writeAlone(_ write: Write, to database: GRDB.Database) {
        do {
            try translatingErrors {
                try database.inTransaction(begunBy: "BEGIN IMMEDIATE", write.run)
            }
            write.finish(nil)
        } catch {
            write.finish(error)
        }
    }
}
