/// The kind of an error, in one stable word; doors turn it into HTTP, JSON-RPC and exit numbers.
package enum ErrorCode: String, Sendable, CaseIterable, Codable {
    // The request cannot be read.
    case malformedJSON = "malformed_json"
    case unknownField = "unknown_field"
    case missingField = "missing_field"
    case invalidField = "invalid_field"
    case invalidID = "invalid_id"
    case invalidAmount = "invalid_amount"
    case invalidCursor = "invalid_cursor"
    case bodyTooLarge = "body_too_large"
    // The request is no HTTP that Dibs takes.
    case malformedRequest = "malformed_request"
    case urlTooLong = "url_too_long"
    case headersTooLarge = "headers_too_large"
    case unsupportedCoding = "unsupported_coding"
    case hostNotAllowed = "host_not_allowed"
    case originNotAllowed = "origin_not_allowed"
    // The caller may not.
    case keyMissing = "key_missing"
    case keyUnknown = "key_unknown"
    case accountClosed = "account_closed"
    case tooManyFailures = "too_many_failures"
    case forbidden
    // There is no such thing.
    case notFound = "not_found"
    case noRoute = "no_route"
    case methodNotAllowed = "method_not_allowed"
    // The present state forbids it.
    case illegalTransition = "illegal_transition"
    case leaseLost = "lease_lost"
    case nameTaken = "name_taken"
    case duplicate
    case inUse = "in_use"
    case dependencyCycle = "dependency_cycle"
    case taskNotClaimable = "task_not_claimable"
    case idempotencyKeyReused = "idempotency_key_reused"
    case sequenceReused = "sequence_reused"
    case amountOutOfRange = "amount_out_of_range"
    case keyRenewed = "key_renewed"
    // A limit is reached.
    case workerLimit = "worker_limit"
    case sessionLimit = "session_limit"
    case workspaceLimit = "workspace_limit"
    case dayLimit = "day_limit"
    case tooMany = "too_many"
    // The server cannot, now or at all.
    case busy
    case unavailable
    case unknownOutcome = "unknown_outcome"
    case databaseFailed = "database_failed"
    case internalError = "internal_error"
    // The command line and the runner.
    case usage
    case serverUnreachable = "server_unreachable"
    case notDibs = "not_dibs"
    case redirected
    case unreadableAnswer = "unreadable_answer"
    case gitFailed = "git_failed"
    case migrationDrift = "migration_drift"
    case schemaDrift = "schema_drift"
    case secretMismatch = "secret_mismatch"
    case notSetUp = "not_set_up"
}

extension ErrorCode {
    /// Whether the same request may be taken when it comes again, though nothing was changed in it:
    /// the server or the way to it was unable, or a limit left no room.
    ///
    /// Anything else is final.
    package var isPassing: Bool { isOutage || isLimit }

    /// Whether the server, or the way to it, was unable.
    package var isOutage: Bool {
        switch self {
        case .busy, .unavailable, .unknownOutcome, .databaseFailed, .internalError,
            .migrationDrift, .schemaDrift, .secretMismatch, .notSetUp,
            .serverUnreachable, .notDibs, .redirected, .unreadableAnswer:
            true
        default: false
        }
    }

    private var isLimit: Bool {
        switch self {
        case .workerLimit, .sessionLimit, .workspaceLimit, .dayLimit, .tooManyFailures: true
        default: false
        }
    }
}
