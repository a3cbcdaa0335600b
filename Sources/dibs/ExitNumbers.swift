internal import DibsCore

extension ErrorCode {
    /// The exit number that a script sees of an error; this is the one place that says so.
    ///
    /// 64 and 69 are those of `sysexits.h`.
    var exitNumber: Int32 {
        switch self {
        case .malformedJSON, .unknownField, .missingField, .invalidField, .invalidID,
            .invalidAmount, .invalidCursor, .bodyTooLarge, .malformedRequest,
            .urlTooLong, .headersTooLarge, .unsupportedCoding, .usage:
            64
        case .notFound, .noRoute, .methodNotAllowed: 4
        case .workerLimit, .sessionLimit, .workspaceLimit, .dayLimit, .tooMany: 5
        case .illegalTransition, .leaseLost, .nameTaken, .duplicate, .taskNotClaimable,
            .idempotencyKeyReused, .inUse, .dependencyCycle, .sequenceReused,
            .amountOutOfRange, .keyRenewed:
            6
        case .keyMissing, .keyUnknown, .accountClosed, .forbidden, .hostNotAllowed,
            .originNotAllowed, .tooManyFailures:
            7
        case .serverUnreachable, .notDibs, .redirected, .unavailable, .busy, .unknownOutcome: 69
        case .gitFailed: 8
        case .migrationDrift, .schemaDrift, .secretMismatch, .notSetUp: 9
        case .databaseFailed, .internalError, .unreadableAnswer: 70
        }
    }
}
