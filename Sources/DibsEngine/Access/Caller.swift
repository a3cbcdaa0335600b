internal import DibsCore
internal import DibsData
internal import DibsSchema

/// The caller, proved in the transaction it asks in.
struct Caller: Sendable {
    /// Under whose name and limits.
    let account: Account
    /// The worker whose own token it was; nil for an account's key.
    let worker: Worker?

    /// Whether it may do everything; a worker's token never may.
    var isAdmin: Bool { worker == nil && account.level == .admin }

    /// Finds who a credential belongs to; throws `key_unknown` or `account_closed`.
    ///
    /// A closed account claims nothing more, but its workers go on to their end: what they have
    /// spent and made is not lost. A worker's token ends with its worker. Only a last word about
    /// that very worker, `late`, still knows it, so that it is answered with who has its task now.
    static func proved(
        by credential: Credential, _ secret: ServerSecret, lastWordOf late: Worker.ID? = nil,
        in session: some Session
    ) throws -> Caller {
        let found: (worker: Worker?, account: Account)?
        if let worker = try workerID(of: credential, secret) {
            found = try owner(of: worker, lastWordOf: late, in: session)
        } else {
            let hash = credential.hash
            found = try Account.where { $0.keyHash == hash }.first(in: session).map { (nil, $0) }
        }
        guard let (worker, account) = found else { throw unknown }
        guard account.closedAt == nil || worker != nil else {
            throw DibsError(
                .accountClosed, "This account is closed.",
                hint: "Ask an admin for another account.")
        }
        return Caller(account: account, worker: worker)
    }

    private static func workerID(
        of credential: Credential, _ secret: ServerSecret
    ) throws -> Identifier<Worker>? {
        guard let id = credential.claimedWorker else { return nil }
        guard credential.matches(secret.workerToken(for: id)) else { throw unknown }
        return id
    }

    private static func owner(
        of worker: Worker.ID, lastWordOf late: Worker.ID?, in session: some Session
    ) throws -> (worker: Worker?, account: Account)? {
        let found = try Worker.where { $0.id == worker }.with(Worker.account).first(in: session)
        guard let (worker, account) = found, worker.completedAt == nil || worker.id == late else {
            return nil
        }
        return (worker, account)
    }

    private static let unknown = DibsError(
        .keyUnknown, "That key opens nothing here.",
        hint: "Check DIBS_KEY; a worker's token ends with its worker.")
}
