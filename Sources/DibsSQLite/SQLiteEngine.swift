package import DibsData
internal import Foundation
internal import GRDB

/// SQLite in the process: one thread writes, some read, each with a connection of its own.
///
/// A GRDB pool costs 10 to 90 µs a read in queues and bookkeeping; a queue that only its own thread
/// uses costs 0.3. Other processes may use the same file: writers wait for each other 5 s.
package struct SQLiteEngine: SQLEngine {
    private typealias Connecting = Result<DatabaseQueue, any Error>

    private let readers: Threads<Connecting>
    private let writer: GroupWriter
    /// Way in which the file is only looked at; nil when it may be written.
    private let look: SQLiteLook?

    private init(writer: GroupWriter, readers: Threads<Connecting>, look: SQLiteLook?) {
        (self.writer, self.readers, self.look) = (writer, readers, look)
    }

    /// Opens a file for a purpose; throws `open` when that cannot be done, and `absent` where
    /// there is no file, or an empty one, and none may be made.
    package static func open(
        path: String, readers: Int = 4, for purpose: FilePurpose = .serve
    ) async throws -> SQLiteEngine {
        // Opening may wait for another process, and no thread of Swift's own should.
        let opening = Threads<Void>(maximum: 1) {}
        do {
            let engine = try await opening.value { _ in
                try purpose.prepare(path)
                let engine = try SQLiteEngine(path: path, readers: readers, for: purpose)
                if purpose == .serve { for file in files(of: path) { file.tighten() } }
                return engine
            }
            await opening.close()
            return engine
        } catch {
            await opening.close()
            throw error
        }
    }

    /// The files of SQLite: the one named, or that its link leads to, and those that SQLite keeps
    /// beside it.
    package static func files(of path: String) -> [PrivateFile] {
        let place = PrivateFile(path).resolved.path
        return ["", "-wal", "-shm", "-journal"].map { PrivateFile(place + $0) }
    }

    private init(path: String, readers: Int, for purpose: FilePurpose) throws {
        do {
            var configuration = Configuration()
            configuration.label = "dibs"
            configuration.busyMode = .timeout(5)
            let look = purpose == .look ? SQLiteLook(at: path) : nil
            if look == nil { configuration.journalMode = .wal }
            configuration.readonly = look != nil
            let name = look?.name ?? path
            let first = try DatabaseQueue(path: name, configuration: configuration)
            // GRDB enters WAL with NORMAL, which loses the last commits in a power cut.
            if look == nil {
                try first.inDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            }
            configuration.readonly = true
            self.init(
                writer: GroupWriter(first),
                readers: Threads(maximum: readers) { [configuration] in
                    Result { try DatabaseQueue(path: name, configuration: configuration) }
                } end: {
                    try? $0.get().close()
                }, look: look)
        } catch let error as DatabaseError {
            throw DataError(
                .open, "\(path) cannot be opened: \(error.message ?? "\(error.resultCode)")",
                sqlState: "\(error.extendedResultCode.rawValue)")
        }
    }

    package func read<T: Sendable>(
        statements: Int, _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await readers.value { queue in
            let value = try translatingErrors {
                try queue.get().inDatabase { database in
                    guard statements > 1 else { return try body(SQLiteConnection(database)) }
                    return try database.inTransaction(begunBy: "BEGIN", body)
                }
            }
            try look?.proveUnchanged()
            return value
        }
    }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await writer.write(body) }

    package func scratch<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        try await readers.value { _ in
            try translatingErrors {
                try DatabaseQueue().inDatabase { try $0.inTransaction(begunBy: "BEGIN", body) }
            }
        }
    }

    package func close() async {
        await readers.close()
        await writer.close()
    }
}

extension GRDB.Database {
    /// Runs a closure between a BEGIN and a COMMIT, or a ROLLBACK when it throws.
    func inTransaction<T>(
        begunBy begin: String, _ body: (any SQLConnection) throws -> T
    ) throws -> T {
        try cachedStatement(sql: begin).execute()
        do {
            let value = try body(SQLiteConnection(self))
            try cachedStatement(sql: "COMMIT").execute()
            return value
        } catch {
            if isInsideTransaction { try? cachedStatement(sql: "ROLLBACK").execute() }
            throw error
        }
    }
}
