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

    private init(writer: GroupWriter, readers: Threads<Connecting>) {
        (self.writer, self.readers) = (writer, readers)
    }

    /// Opens a file, which becomes its owner's alone, and throws `open` when that cannot be done.
    ///
    /// - `creating` makes the file when there is none. Without it nothing is made and no mode
    ///   changed, and where there is no file, or an empty one, `absent` is thrown.
    package static func open(
        path: String, readers: Int = 4, creating: Bool = true
    ) async throws -> SQLiteEngine {
        // Opening may wait for another process, and no thread of Swift's own should.
        let opening = Threads<Void>(maximum: 1) {}
        do {
            let engine = try await opening.value { _ in
                try prepare(path, creating: creating)
                let engine = try SQLiteEngine(path: path, readers: readers)
                if creating { for file in files(of: path) { file.tighten() } }
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

    /// Makes the file, so that SQLite gives its mode to those beside it.
    private static func prepare(_ path: String, creating: Bool) throws {
        let file = PrivateFile(path)
        guard !file.isStrange else { throw DataError(.open, "\(path) is no file") }
        if let size = file.size {
            if !creating, size == 0 { throw DataError(.absent, "\(path) is empty") }
            guard access(path, R_OK | W_OK) == 0 else {
                throw DataError(.open, "this user may not read and write \(path)")
            }
        } else {
            guard creating else { throw DataError(.absent, "there is no file \(path)") }
            _ = try file.make()
        }
        guard access(file.resolved.folder, W_OK) == 0 else {
            throw DataError(
                .open,
                "\(file.resolved.folder) cannot be written to, and SQLite keeps its log there")
        }
    }

    private init(path: String, readers: Int) throws {
        do {
            var configuration = Configuration()
            configuration.label = "dibs"
            configuration.journalMode = .wal
            configuration.busyMode = .timeout(5)
            let first = try DatabaseQueue(path: path, configuration: configuration)
            // GRDB enters WAL with NORMAL, which loses the last commits in a power cut.
            try first.inDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
            configuration.readonly = true
            self.init(
                writer: GroupWriter(first),
                readers: Threads(maximum: readers) { [configuration] in
                    Result { try DatabaseQueue(path: path, configuration: configuration) }
                } end: {
                    try? $0.get().close()
                })
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
            try translatingErrors {
                try queue.get().inDatabase { database in
                    guard statements > 1 else { return try body(SQLiteConnection(database)) }
                    return try database.inTransaction(begunBy: "BEGIN", body)
                }
            }
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
