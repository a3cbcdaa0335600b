internal import HTTPTypes

/// The proxies whose word on a client's address counts.
///
/// A proxy appends the address of its own peer to `X-Forwarded-For`. So the list is read from its
/// end, and the first address that is no trusted proxy is the client's; what stands before it is
/// whatever the client wrote. `Forwarded` is not read: a proxy that sets one header passes the
/// other on unchanged.
struct TrustedProxies: Sendable {
    let blocks: [AddressBlock]

    /// More proxies than these in a row are not believed.
    private static let depth = 10
    /// More bytes of the header than these are not read.
    private static let length = 2048

    /// The client's address, from its socket's and what the proxies in between have said.
    func client(of peer: PeerAddress?, headers: HTTPFields) -> PeerAddress? {
        guard let peer, trusts(peer), let name = HTTPField.Name("x-forwarded-for") else {
            return peer
        }
        let text = headers[values: name].joined(separator: ",").utf8.suffix(Self.length)
        var client = peer
        let named = String(decoding: text, as: UTF8.self).split(separator: ",").reversed()
        for text in named.prefix(Self.depth) {
            guard let address = PeerAddress(text.trimming { $0 == " " || $0 == "\t" }) else {
                return client
            }
            client = address
            guard trusts(address) else { return client }
        }
        return client
    }

    /// Whether an address is a trusted proxy's.
    func trusts(_ address: PeerAddress) -> Bool { blocks.contains { $0.contains(address) } }
}

extension Substring {
    /// The text without what fits at its two ends.
    func trimming(_ fits: (Character) -> Bool) -> Substring {
        var text = self[...]
        while let last = text.last, fits(last) { text.removeLast() }
        return text.drop(while: fits)
    }
}
