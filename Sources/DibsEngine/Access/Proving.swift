package import DibsCore
internal import DibsData
internal import DibsSchema

extension Engine {
    package func prove(_ credential: Credential) async throws -> CallerIdentity {
        let secret = secret
        return try await translatingErrors {
            try await database.read { snapshot in
                let caller = try Caller.proved(
                    by: credential, secret, lastWordOf: credential.claimedWorker, in: snapshot)
                return CallerIdentity(
                    accountID: caller.account.id, workerID: caller.worker?.id,
                    hasEnded: caller.worker?.completedAt != nil)
            }
        }
    }
}
