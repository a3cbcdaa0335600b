package import DibsCore

extension ErrorCode {
    /// The HTTP status this error goes out with, 400…599.
    package var httpStatus: Int {
        switch self {
        case .malformedJSON, .unknownField, .missingField, .invalidField, .invalidID,
            .invalidAmount, .invalidCursor, .malformedRequest, .usage:
            400
        case .keyMissing, .keyUnknown: 401
        case .accountClosed, .forbidden, .originNotAllowed: 403
        case .notFound, .noRoute: 404
        case .methodNotAllowed: 405
        case .illegalTransition, .leaseLost, .nameTaken, .duplicate, .taskNotClaimable, .inUse,
            .dependencyCycle, .sequenceReused, .keyRenewed:
            409
        case .bodyTooLarge: 413
        case .urlTooLong: 414
        case .hostNotAllowed: 421
        case .idempotencyKeyReused, .tooMany, .amountOutOfRange: 422
        case .workerLimit, .sessionLimit, .workspaceLimit, .dayLimit, .tooManyFailures: 429
        case .headersTooLarge: 431
        case .databaseFailed, .internalError, .gitFailed, .migrationDrift,
            .schemaDrift, .secretMismatch, .notSetUp:
            500
        case .unsupportedCoding: 501
        case .serverUnreachable, .unreadableAnswer, .notDibs, .redirected: 502
        case .busy, .unavailable, .unknownOutcome: 503
        }
    }

    /// Seconds after which it is worth asking again, 1 to 60, for every 429 and 503; nil for all
    /// others, where waiting alone changes nothing.
    ///
    /// A limit whose end is known says that moment instead, in the details' `resetsAt`.
    package var retryAfterSeconds: Int? {
        switch self {
        case .busy, .unknownOutcome: 1
        case .unavailable: 5
        case .workerLimit, .sessionLimit, .workspaceLimit: 15
        case .dayLimit, .tooManyFailures: 60
        default: nil
        }
    }
}
