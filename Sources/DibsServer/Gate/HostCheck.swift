internal import DibsCore
internal import HTTPTypes

/// Which names of this server a request may call it by, and which pages may send it changes.
///
/// A page in a browser can make its own name point at 127.0.0.1 (DNS rebinding) and then speak to
/// a server that only this machine reaches. The browser still sends the page's name as `Host`, so
/// a server on loopback takes only loopback's names and those the operator allows. A server on
/// another address takes any name, unless the operator allows some.
struct HostCheck: Sendable {
    private let allowed: Set<String>
    private let takesAny: Bool

    /// The check for a server that listens on `host`.
    init(listeningOn host: String, allowed: [String]) {
        self.allowed = Set((allowed + [host]).compactMap(Self.name))
        takesAny = allowed.isEmpty && Self.name(of: host).map(Self.isLoopback) != true
    }

    /// Throws what is wrong with a request's `Host`, `Origin` or target.
    func check(_ request: HTTPRequest) throws {
        guard let host = request.authority,
            !request.headerFields.contains(where: { $0.name.canonicalName == "host" })
        else {
            throw DibsError(
                .malformedRequest, "A request needs exactly one Host header.",
                hint: "Send `Host:` with the name or address of the server.")
        }
        let name = Self.name(of: host)
        guard takesAny || name.map(isKnown) == true else {
            throw DibsError(
                .hostNotAllowed, "This server is not to be called by that name.",
                details: ["host": String(host.prefix(200))],
                hint: "Use http://127.0.0.1:PORT, or allow the name: dibs serve --allow-host NAME.")
        }
        try checkOrigin(of: request, sentTo: name)
    }

    private func checkOrigin(of request: HTTPRequest, sentTo host: String?) throws {
        let origins = request.headerFields[values: .origin]
        let isRead = [.get, .head].contains(request.method)
        guard !isRead, !origins.isEmpty else { return }
        let name = origins.count == 1 ? Self.hostName(ofOrigin: origins[0]) : nil
        guard let name, name == host || isKnown(name) else {
            throw DibsError(
                .originNotAllowed, "A page from elsewhere may not change anything here.",
                details: ["origin": String(origins.joined(separator: ", ").prefix(200))],
                hint: "Allow its host: dibs serve --allow-host NAME.")
        }
    }

    private func isKnown(_ name: String) -> Bool {
        Self.isLoopback(name) || allowed.contains(name)
    }

    private static func hostName(ofOrigin origin: String) -> String? {
        for scheme in ["http://", "https://"] where origin.lowercased().hasPrefix(scheme) {
            return name(of: String(origin.dropFirst(scheme.count)))
        }
        return nil
    }

    /// The name alone, in small letters: without a port, brackets, or the last dot; nil for what is
    /// no name or address with a port or without (RFC 3986, section 3.2).
    private static func name(of authority: String) -> String? {
        let text = authority.lowercased()
        if text.hasPrefix("[") {
            let address = text.dropFirst().prefix { $0 != "]" }
            let rest = text.dropFirst(address.count + 1)
            guard rest.first == "]", isPort(rest.dropFirst()), PeerAddress(address) != nil else {
                return nil
            }
            return String(address)
        }
        // An IPv6 address without brackets is a name of its own, as `--host ::1` is.
        if text.filter({ $0 == ":" }).count > 1 { return PeerAddress(text) == nil ? nil : text }
        let name = text.prefix { $0 != ":" }
        guard isPort(text.dropFirst(name.count)), name.utf8.allSatisfy(isOfName) else { return nil }
        return String(name.hasSuffix(".") ? name.dropLast() : name)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch Unicode.Scalar(byte) {
        case "a"..."z", "0"..."9", "-", ".", "_": true
        default: false
        }
    }

    /// Whether it is nothing, or a colon and digits.
    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty
            || text.first == ":" && text.utf8.dropFirst().allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
    }

    private static func isLoopback(_ name: String) -> Bool {
        name == "localhost" || PeerAddress(name)?.isLoopback == true
    }
}
