internal import DibsCore
internal import Hummingbird
internal import NIOCore
internal import Synchronization

/// One request on its way in: where it comes from, and who was found to send it.
final class Visit: Sendable {
    /// The connection it came on.
    let channel: any Channel
    private let identity = Mutex<CallerIdentity?>(nil)
    private let key = Mutex<Credential?>(nil)

    init(channel: any Channel) { self.channel = channel }

    /// The other end of the connection: the client, or a proxy.
    var peer: PeerAddress? { PeerAddress(channel.remoteAddress) }

    /// The caller that sends it; nil until the credential was proved.
    var caller: CallerIdentity? {
        get { identity.withLock { $0 } }
        set { identity.withLock { $0 = newValue } }
    }

    /// The credential that came with it, proved or not.
    var credential: Credential? {
        get { key.withLock { $0 } }
        set { key.withLock { $0 = newValue } }
    }

    /// The caller's name as a log may say it: an account or a worker, else the prefix of a key of
    /// Dibs.
    var name: String {
        if let caller {
            return caller.workerID.map { "worker \($0)" } ?? "account \(caller.accountID)"
        }
        guard let credential else { return "nobody" }
        if let worker = credential.claimedWorker { return "worker \(worker), as it says" }
        return credential.knownPrefix.map { "key \($0)…" } ?? "no key of Dibs"
    }
}

extension Credential {
    /// The prefix of what has the form of a key; nil for anything else, which may be a password
    /// that was sent by mistake and stays out of every log.
    var knownPrefix: String? {
        let isPlain = prefix.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard secret.utf8.count >= 40, isPlain else { return nil }
        return secret.hasPrefix("dibs_") || secret.hasPrefix("dibw_") ? prefix : nil
    }
}

/// The context that hummingbird hands from the front desk to a route.
struct DoorContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let visit: Visit

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        visit = Visit(channel: source.channel)
    }
}
