internal import DibsJSON

extension DibsService {
    /// Error of a report that was refused, after its worker's lease was renewed where it was
    /// refused only for what it says: a field that cannot be read does not undo the heartbeat.
    ///
    /// Nothing else of the report is taken, and the details say so: `taken` is `heartbeat`, beside
    /// `leaseExpiresAt` and, where the worker is to end, `stop`. A lease that is gone leaves the
    /// error as it is.
    package func refusal(
        _ error: DibsError, ofReportBy worker: Identifier<Worker>, as caller: Credential
    ) async -> DibsError {
        guard error.code.isOfContent else { return error }
        guard let answer = try? await heartbeat(worker, as: caller) else { return error }
        var error = error
        error.details["taken"] = "heartbeat"
        error.details["leaseExpiresAt"] = answer.leaseExpiresAt?.rfc3339
        error.details["stop"] = answer.stop?.rawValue
        return error
    }
}

extension ErrorCode {
    /// Whether a report is refused with it for what it says, not for who says it, nor because the
    /// server cannot take it now.
    fileprivate var isOfContent: Bool {
        switch self {
        case .malformedJSON, .unknownField, .missingField, .invalidField, .invalidID,
            .invalidAmount, .illegalTransition, .sequenceReused, .amountOutOfRange, .tooMany,
            .workerLimit, .sessionLimit, .workspaceLimit, .dayLimit:
            true
        default: false
        }
    }
}
