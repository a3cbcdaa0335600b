internal import DibsCore
internal import DibsData
internal import DibsSchema

/// Who is asking, proved in the transaction it asks in.
struct Caller: Sendable {
    /// Under whose name and limits.
    let account: Account
    /// The worker whose own token it was; nil for an account's key.
    let worker: Identifier<Worker>?

    /// Whether it may do everything; a worker's token never may.
    var isAdmin: Bool { worker == nil && account.level == .admin }

    /// Finds who a credential belongs to; throws `key_unknown` or `account_closed`.
    static func proved(
        by credential: Credential, _ tokenSecret: String, in session: some Session
    ) throws -> Caller {
        let worker = try workerID(of: credential, tokenSecret)
        let found: Account?
        if let worker {
            found = try account(of: worker, in: session)
        } else {
            let hash = credential.hash
            found = try Account.where { $0.keyHash == hash }.first(in: session)
        }
        guard let account = found else { throw unknown }
        guard account.closedAt == nil else {
            throw DibsError(
                .accountClosed, "This account is closed.",
                hint: "Ask an admin for another account.")
        }
        return Caller(account: account, worker: worker)
    }

    private static func workerID(
        of credential: Credential, _ tokenSecret: String
    ) throws -> Identifier<Worker>? {
        guard let id = credential.claimedWorker else { return nil }
        guard credential.matches(.workerToken(for: id, secret: tokenSecret)) else { throw unknown }
        return id
    }

    /// A token dies with its worker, so only a live one has an account.
    private static func account(
        of worker: Identifier<Worker>, in session: some Session
    ) throws -> Account? {
        let live = Worker.where {
            $0.id == worker; $0.completedAt == nil
        }
        guard let (_, account) = try live.with(Worker.account).first(in: session) else {
            return nil
        }
        return account
    }

    private static let unknown = DibsError(
        .keyUnknown, "That key opens nothing here.",
        hint: "Check DIBS_KEY; a worker's token ends with its worker.")
}
