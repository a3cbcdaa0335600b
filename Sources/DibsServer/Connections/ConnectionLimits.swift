internal import Foundation
internal import Synchronization

/// The limits of connections, in all and from one address.
///
/// An address, or a /64 of IPv6, gets half of all, so that nobody alone takes the last one. A
/// trusted proxy speaks for many and may have all. A few of those beyond are told so; the rest is
/// cut, because telling takes a descriptor, too.
final class ConnectionLimits: Sendable {
    /// The fate of a new connection.
    enum Admission: Sendable, Hashable { case served, told, cut }

    private struct State {
        var all = 0
        var told = 0
        var byNetwork: [[UInt8]: Int] = [:]
    }

    private static let toldAtOnce = 32

    private let inAll: Int
    private let byAddress: Int
    private let proxies: TrustedProxies
    private let state = Mutex(State())

    /// Limits for a server that takes `inAll` connections.
    init(inAll: Int, proxies: TrustedProxies) {
        (self.inAll, self.proxies) = (inAll, proxies)
        byAddress = max(1, inAll / 2)
    }

    /// Decides about a connection and counts it, unless it is cut.
    func admit(_ peer: PeerAddress?) -> Admission {
        let network = network(of: peer)
        return state.withLock { state in
            let own = network.map { state.byNetwork[$0, default: 0] } ?? 0
            guard state.all < inAll, own < byAddress else {
                guard state.told < Self.toldAtOnce else { return .cut }
                state.told += 1
                return .told
            }
            state.all += 1
            if let network { state.byNetwork[network] = own + 1 }
            return .served
        }
    }

    /// Counts a connection no more.
    func leave(_ peer: PeerAddress?, _ admission: Admission) {
        let network = network(of: peer)
        state.withLock { state in
            switch admission {
            case .cut: return
            case .told: state.told -= 1
            case .served:
                state.all -= 1
                guard let network else { return }
                let left = state.byNetwork[network, default: 0] - 1
                state.byNetwork[network] = left > 0 ? left : nil
            }
        }
    }

    private func network(of peer: PeerAddress?) -> [UInt8]? {
        guard let peer, !proxies.trusts(peer) else { return nil }
        return peer.network
    }
}

/// The file descriptors this process may have open: each connection takes one.
enum Descriptors {
    /// Not more than these are asked for, whatever the system would give.
    private static let most: UInt64 = 65_536
    /// Those that are kept for the database, its files and everything else.
    private static let reserve = 128

    /// Raises the soft limit as far as the hard one goes, and answers how many connections fit in.
    static func connections(atMost limit: Int) -> Int {
        var limits = rlimit()
        #if os(Linux)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limits) == 0 else { return limit }
        let wanted = min(UInt64(limits.rlim_max), most)
        if UInt64(limits.rlim_cur) < wanted {
            var raised = limits
            raised.rlim_cur = rlim_t(wanted)
            if setrlimit(resource, &raised) == 0 { limits = raised }
        }
        let open = Int(min(UInt64(limits.rlim_cur), most))
        return max(1, min(limit, max(open - reserve, open / 2)))
    }
}
