internal import CLibPQ
internal import DibsData
internal import Foundation

/// A connection to PostgreSQL; parameters and results are binary.
///
/// - Every statement is prepared once, under a name that no other connection has: behind a pooler
///   that was not noticed a name is found to be missing, and never to be another's statement.
/// - No call waits without end: after a second of silence the server is asked whether it lives.
final class PostgresConnection: SQLConnection {
    private struct Key: Hashable {
        let sql: String
        let types: [UInt32]
    }

    private let server: PostgresServer
    private let host: PostgresHost
    private let handle: OpaquePointer
    private let style: StatementStyle
    private let names = "dibs_" + UUID().uuidString.prefix(13).replacing("-", with: "").lowercased()
    private var prepared: [Key: String] = [:]
    private var named = 0
    private var interruptsNext = false
    /// Statements that travel with the next one: a BEGIN costs no round trip of its own.
    private var prelude: [String] = []
    private var isGivenUp = false
    /// Whether the statements of this transaction may take as long as they need.
    private var isUnlimited = false

    /// So many statements are kept prepared.
    private static let statementLimit = 500
    /// Silence after which the server is asked whether it lives, at first and then each time.
    ///
    /// A COMMIT has longer: giving it up leaves its outcome unknown.
    private static let silence = Duration.seconds(1)
    private static let silenceInCommit = Duration.seconds(3)
    private static let silenceLater = Duration.seconds(5)
    /// The limit the server sets a statement, and when we stop to wait for it to do so.
    private static let statementLimitSeconds = 30
    private static let longest = Duration.seconds(statementLimitSeconds + 5)

    /// Settings that an address may change; a failover can leave us with a standby, no use to us.
    private static let defaults = [
        (name: "application_name", value: "dibs"), (name: "client_encoding", value: "UTF8"),
        (name: "target_session_attrs", value: "read-write"),
        (name: "keepalives_idle", value: "10"), (name: "keepalives_interval", value: "5"),
        (name: "keepalives_count", value: "3"), (name: "tcp_user_timeout", value: "10000"),
    ]

    /// Settings for as long as a connection lives, or a transaction behind a pooler.
    private static let limits = [
        "statement_timeout": "\(statementLimitSeconds)s", "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "30s",
    ]

    /// Connects to one host of a server; throws `open` with what is wrong.
    init(
        to server: PostgresServer, _ host: PostgresHost, by end: ContinuousClock.Instant
    ) throws {
        let settings = Self.defaults + [("dbname", server.address.text)] + host.settings
        (self.server, self.host, self.style) = (server, host, server.statements)
        handle = try connect(with: settings, by: end)
        guard style == .named else { return }
        try script(Self.limits.map { "SET \($0.key) = '\($0.value)'" }.joined(separator: ";"))
    }

    deinit { PQfinish(handle) }

    var dialect: Dialect { .postgres }

    var steps: Int? { nil }

    func interruptNext() { interruptsNext = true }

    var isLost: Bool { isGivenUp || PQstatus(handle) != CONNECTION_OK }

    /// 150003 is 15.3.
    var serverVersion: Int { Int(PQserverVersion(handle)) }

    /// The encoding that the database was made with.
    var encoding: String? {
        PQparameterStatus(handle, "server_encoding").map { String(cString: $0) }
    }

    /// The process of the backend, as it was told when the connection came about; a pooler tells
    /// a number of its own.
    var backend: Int { Int(PQbackendPID(handle)) }

    func script(_ sql: String) throws {
        try sendPrelude()
        PQclear(try answer { PQsendQuery(handle, sql) })
    }

    func liftTimeLimits() throws {
        isUnlimited = true
        try script(Self.limits.keys.map { "SET LOCAL \($0) = 0" }.joined(separator: ";"))
    }

    func run(
        _ sql: String, _ bindings: [SQLBinding], row: (inout RowReader) throws -> Void
    ) throws -> Int {
        if interruptsNext {
            interruptsNext = false
            try script("SELECT pg_cancel_backend(pg_backend_pid())")
        }
        let parameters = PostgresParameters(bindings)
        let result = try checked(execute(sql, parameters))
        let rows = PostgresRow(result)
        var reader = RowReader(rows)
        for index in 0..<PQntuples(result) {
            rows.row = index
            reader.column = 0
            try row(&reader)
        }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    private func execute(
        _ sql: String, _ parameters: PostgresParameters
    ) throws -> OpaquePointer? {
        let name = style == .named ? try prepare(sql, parameters) : nil
        return try parameters.withPointers { values in
            try withPrelude {
                guard let name else {
                    return PQsendQueryParams(
                        handle, sql, parameters.count, parameters.types, values,
                        parameters.lengths, parameters.formats, 1)
                }
                return PQsendQueryPrepared(
                    handle, name, parameters.count, values, parameters.lengths,
                    parameters.formats, 1)
            }
        }
    }

    private func prepare(_ sql: String, _ parameters: PostgresParameters) throws -> String {
        let key = Key(sql: sql, types: parameters.types)
        if let name = prepared[key] { return name }
        try sendPrelude()
        if prepared.count >= Self.statementLimit { try forgetStatements() }
        named += 1
        let name = "\(names)_\(named)"
        PQclear(
            try answer { PQsendPrepare(handle, name, sql, parameters.count, parameters.types) })
        prepared[key] = name
        return name
    }

    /// Drops every prepared statement; needed when a migration changed what they answer.
    func forgetStatements() throws {
        prepared = [:]
        guard style == .named else { return }
        PQclear(try answer { PQsendQuery(handle, "DEALLOCATE ALL") })
    }
}

extension PostgresConnection {
    /// Begins a transaction with the next statement.
    ///
    /// - `settings` count for this transaction alone.
    func begin(_ statement: String, _ settings: [String: String] = [:]) {
        var settings = settings
        if style == .unnamed { settings.merge(Self.limits) { mine, _ in mine } }
        let changes = settings.map { "set_config('\($0.key)', '\($0.value)', true)" }
        prelude = [statement]
        if let (name, value) = settings.first, settings.count == 1 {
            prelude.append("SET LOCAL \(name) = '\(value)'")
        } else if !changes.isEmpty {
            prelude.append("SELECT " + changes.joined(separator: ", "))
        }
        isUnlimited = false
    }

    /// Whether the statements of `begin` have gone out.
    var hasBegun: Bool { prelude.isEmpty }

    /// Commits what was begun; throws when an error that was swallowed has undone it.
    func commit() throws {
        let result = try answer(within: Self.silenceInCommit) { PQsendQuery(handle, "COMMIT") }
        defer { PQclear(result) }
        guard String(cString: PQcmdStatus(result)) == "COMMIT" else {
            throw DataError(.engine, "the transaction was undone by an error that was not thrown")
        }
    }

    /// Forgets what was begun; a lost connection has done so itself.
    func rollBack() {
        if hasBegun, !isLost { PQclear(try? answer { PQsendQuery(handle, "ROLLBACK") }) }
        prelude = []
    }

    private func sendPrelude() throws {
        let statements = prelude
        prelude = []
        for statement in statements { PQclear(try answer { PQsendQuery(handle, statement) }) }
    }

    /// Sends the prelude and one statement in one go (libpq's pipeline mode); answers what the
    /// statement answered, or the first of them that failed.
    private func withPrelude(_ send: () -> CInt) throws -> OpaquePointer? {
        guard !prelude.isEmpty else { return try answer(to: send) }
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
        // A nil ends the results of one statement; two of them mean that the line is dead.
        return try lastResult(afterNils: 2) { PQresultStatus($0) == PGRES_PIPELINE_SYNC }
    }

    /// Sends one thing; answers what it answered, and throws when that is an error.
    private func answer(
        within silence: Duration = PostgresConnection.silence, to send: () -> CInt
    ) throws -> OpaquePointer {
        guard send() == 1 else { return try checked(nil) }
        return try checked(lastResult(afterNils: 1, within: silence) { _ in false })
    }

    /// Takes results until the end; answers the last of them, or the first that failed.
    private func lastResult(
        afterNils limit: Int, within silence: Duration = PostgresConnection.silence,
        isEnd: (OpaquePointer) -> Bool
    ) throws -> OpaquePointer? {
        var last: OpaquePointer?
        var nils = 0
        while nils < limit {
            do { try awaitResult(silence) } catch {
                PQclear(last)
                throw error
            }
            guard let result = PQgetResult(handle) else {
                nils += 1
                continue
            }
            nils = 0
            if isEnd(result) {
                PQclear(result)
                return last
            }
            if let last, !Self.isGood(last) {
                PQclear(result)
            } else {
                PQclear(last)
                last = result
            }
        }
        return last
    }

    /// Waits until a result is there, or the connection is known to be lost.
    private func awaitResult(_ silence: Duration) throws {
        let start = ContinuousClock.now
        var next = start + silence
        while true {
            let flushed = PQflush(handle)
            if flushed < 0 || flushed == 0 && PQisBusy(handle) == 0 { return }
            let events = CInt(POLLIN) | (flushed > 0 ? CInt(POLLOUT) : 0)
            if isReady(PQsocket(handle), events, by: next) {
                if PQconsumeInput(handle) == 0 { return }
                continue
            }
            let isInTime = isUnlimited || start.duration(to: .now) < Self.longest
            guard isInTime, server.answers(at: host) else {
                isGivenUp = true
                throw DataError(.unavailable, "The PostgreSQL server does not answer")
            }
            next = .now + Self.silenceLater
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
