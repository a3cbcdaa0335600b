package import DibsCore

extension ErrorCode {
    /// The HTTP status this error goes out with, 400…599.
    package var httpStatus: Int {
        switch self {
        case .malformedJSON, .unknownField, .missingField, .invalidField, .invalidID,
            .invalidAmount, .invalidCursor, .usage:
            400
        case .keyMissing, .keyUnknown: 401
        case .accountClosed, .forbidden: 403
        case .notFound, .noRoute: 404
        case .methodNotAllowed: 405
        case .illegalTransition, .leaseLost, .nameTaken, .duplicate, .taskNotClaimable, .inUse,
            .dependencyCycle, .sequenceReused:
            409
        case .bodyTooLarge: 413
        case .idempotencyKeyReused, .tooMany, .amountOutOfRange: 422
        case .workerLimit, .sessionLimit, .workspaceLimit, .dayLimit: 429
        case .databaseFailed, .internalError, .gitFailed, .migrationDrift,
            .schemaDrift, .secretMismatch:
            500
        case .serverUnreachable, .unreadableAnswer: 502
        case .busy, .unavailable, .unknownOutcome: 503
        }
    }

    /// Seconds after which it is worth asking again; nil when waiting alone changes nothing.
    package var retryAfterSeconds: Int? {
        switch self {
        case .busy: 1
        case .unavailable: 5
        default: nil
        }
    }
}
