internal import CLibPQ
internal import DibsData

/// A connection to PostgreSQL: every statement prepared once, parameters and results binary.
final class PostgresConnection: SQLConnection {
    private struct Key: Hashable {
        let sql: String
        let types: [UInt32]
    }

    private let handle: OpaquePointer
    private var prepared: [Key: String] = [:]
    private var named = 0
    private var interruptsNext = false
    /// Statements that travel with the next one: a BEGIN costs no round trip of its own.
    private var prelude: [String] = []
    /// Whether a COMMIT is on its way, so that a loss now leaves the outcome unknown.
    private(set) var isCommitting = false

    /// So many statements are kept prepared.
    private static let statementLimit = 500

    /// Connects; throws `open` with what is wrong.
    ///
    /// What the address says goes before the defaults.
    init(_ address: String) throws {
        let keys = ["connect_timeout", "application_name", "client_encoding", "dbname"]
        let values = ["5", "dibs", "UTF8", address]
        let handle = withCStrings(keys) { keys in
            withCStrings(values) { values in PQconnectdbParams(keys, values, 1) }
        }
        guard let handle else { throw DataError(.open, "there is no memory for a connection") }
        guard PQstatus(handle) == CONNECTION_OK else {
            let message = String(cString: PQerrorMessage(handle))
            PQfinish(handle)
            throw DataError.connecting(message)
        }
        self.handle = handle
        try script("SET client_min_messages = warning; SET extra_float_digits = 1")
    }

    deinit { PQfinish(handle) }

    var dialect: Dialect { .postgres }

    var steps: Int? { nil }

    func interruptNext() { interruptsNext = true }

    var isLost: Bool { PQstatus(handle) != CONNECTION_OK }

    /// 150003 is 15.3.
    var serverVersion: Int { Int(PQserverVersion(handle)) }

    func script(_ sql: String) throws {
        try sendPrelude()
        PQclear(try checked(PQexec(handle, sql)))
    }

    func run(
        _ sql: String, _ bindings: [SQLBinding], row: (inout RowReader) throws -> Void
    ) throws -> Int {
        if interruptsNext {
            interruptsNext = false
            try script("SELECT pg_cancel_backend(pg_backend_pid())")
        }
        let parameters = PostgresParameters(bindings)
        let name = try prepare(sql, parameters)
        let result = try checked(execute(name, parameters))
        let rows = PostgresRow(result)
        var reader = RowReader(rows)
        for index in 0..<PQntuples(result) {
            rows.row = index
            reader.column = 0
            try row(&reader)
        }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    private func prepare(_ sql: String, _ parameters: PostgresParameters) throws -> String {
        let key = Key(sql: sql, types: parameters.types)
        if let name = prepared[key] { return name }
        try sendPrelude()
        if prepared.count >= Self.statementLimit { try forgetStatements() }
        named += 1
        let name = "s\(named)"
        PQclear(try checked(PQprepare(handle, name, sql, parameters.count, parameters.types)))
        prepared[key] = name
        return name
    }

    /// Drops every prepared statement; needed when a migration changed what they answer.
    func forgetStatements() throws {
        prepared = [:]
        PQclear(try checked(PQexec(handle, "DEALLOCATE ALL")))
    }

    private func execute(_ name: String, _ parameters: PostgresParameters) -> OpaquePointer? {
        parameters.withPointers { values in
            guard !prelude.isEmpty else {
                return PQexecPrepared(
                    handle, name, parameters.count, values, parameters.lengths,
                    parameters.formats, 1)
            }
            return withPrelude {
                PQsendQueryPrepared(
                    handle, name, parameters.count, values, parameters.lengths,
                    parameters.formats, 1)
            }
        }
    }
}

extension PostgresConnection {
    /// Begins a transaction with the next statement.
    func begin(_ statements: [String]) { prelude = statements }

    /// Whether the statements of `begin` have gone out.
    var hasBegun: Bool { prelude.isEmpty }

    /// Commits what was begun; throws when an error that was swallowed has undone it.
    func commit() throws {
        isCommitting = true
        defer { isCommitting = false }
        let result = try checked(PQexec(handle, "COMMIT"))
        defer { PQclear(result) }
        guard String(cString: PQcmdStatus(result)) == "COMMIT" else {
            throw DataError(.engine, "the transaction was undone by an error that was not thrown")
        }
    }

    /// Forgets what was begun; a lost connection has done so itself.
    func rollBack() {
        if hasBegun { PQclear(PQexec(handle, "ROLLBACK")) }
        prelude = []
    }

    private func sendPrelude() throws {
        let statements = prelude
        prelude = []
        for statement in statements { PQclear(try checked(PQexec(handle, statement))) }
    }

    /// Sends the prelude and one statement in one go (libpq's pipeline mode); answers what the
    /// statement answered, or the first of them that failed.
    private func withPrelude(_ send: () -> CInt) -> OpaquePointer? {
        PQenterPipelineMode(handle)
        defer { PQexitPipelineMode(handle) }
        let statements = prelude
        prelude = []
        for statement in statements {
            guard PQsendQueryParams(handle, statement, 0, nil, nil, nil, nil, 1) == 1 else {
                return nil
            }
        }
        guard send() == 1, PQpipelineSync(handle) == 1 else { return nil }
        return pipelineAnswer()
    }

    private func pipelineAnswer() -> OpaquePointer? {
        var answer: OpaquePointer?
        while true {
            // A nil ends the results of one statement; two of them mean that the line is dead.
            guard let result = PQgetResult(handle) ?? PQgetResult(handle) else { return answer }
            if PQresultStatus(result) == PGRES_PIPELINE_SYNC {
                PQclear(result)
                return answer
            }
            let hasFailed = answer.map { !Self.isGood($0) } ?? false
            if hasFailed {
                PQclear(result)
            } else {
                PQclear(answer)
                answer = result
            }
        }
    }

    private static func isGood(_ result: OpaquePointer) -> Bool {
        let status = PQresultStatus(result)
        return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
    }

    private func checked(_ result: OpaquePointer?) throws -> OpaquePointer {
        guard let result else {
            throw DataError(.unavailable, String(cString: PQerrorMessage(handle)))
        }
        guard Self.isGood(result) else {
            defer { PQclear(result) }
            var error = DataError(result)
            if isLost { error.code = .unavailable }
            throw error
        }
        return result
    }
}

/// Gives C an array of texts that ends with a null.
private func withCStrings<T>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> T
) -> T {
    let bytes = texts.map { Array($0.utf8CString) }
    let starts = bytes.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    return bytes.flatMap(\.self).withUnsafeBufferPointer { all in
        let pointers = starts.dropLast().map { all.baseAddress?.advanced(by: $0) } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
