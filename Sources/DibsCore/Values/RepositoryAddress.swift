/// The address of a repository: a URL, `user@host:path`, or a path.
///
/// Whoever sees a workspace sees its address, and git shows it in its command line and errors. So
/// it holds no password: git gets that from a credential helper, or uses ssh.
package enum RepositoryAddress {
    /// Whether an address holds nothing that opens anything: no `user:password@`, over HTTP no
    /// `token@` either, and no query or fragment.
    package static func isPlain(_ address: String) -> Bool { withoutSecrets(address) == address }

    /// Whether git takes an address for one: it is no option, names no program that would fetch it
    /// (`ext::…`), and has no blanks; only a whole path may have spaces, as folders do.
    package static func isAddress(_ address: String) -> Bool {
        let isPath = address.hasPrefix("/")
        let isBlank: (Unicode.Scalar) -> Bool = {
            $0.properties.isWhitespace && !(isPath && $0 == " ")
        }
        return !address.hasPrefix("-")
            && !address.unicodeScalars.contains { OneLine.breaks($0) || isBlank($0) }
            && address.prefixMatch(of: /[A-Za-z0-9+.\-]*::/) == nil
    }

    /// The address without what may open something.
    package static func withoutSecrets(_ address: String) -> String {
        guard let mark = address.firstRange(of: "://") else { return withoutPassword(address) }
        let scheme = address[..<mark.lowerBound].lowercased()
        var rest = address[mark.upperBound...]
        rest = rest.prefix { $0 != "?" && $0 != "#" }
        let authority = rest.prefix { $0 != "/" }
        var path = rest.dropFirst(authority.count)
        var host = authority
        var user: Substring = ""
        // A password may hold a slash, so what looks like a port and is none belongs to it.
        if let at = rest.lastIndex(of: "@"), at >= authority.endIndex, hasNoPort(authority) {
            host = rest[rest.index(after: at)...].prefix { $0 != "/" }
            path = rest[host.endIndex...]
            user = authority.prefix { $0 != ":" }
        } else if let at = authority.lastIndex(of: "@") {
            host = authority[authority.index(after: at)...]
            user = authority[..<at].prefix { $0 != ":" }
        }
        let isHTTP = scheme == "http" || scheme == "https"
        let name = isHTTP || user.isEmpty ? "" : user + "@"
        return "\(address[..<mark.upperBound])\(name)\(host)\(path)"
    }

    /// Whether a colon in what stands for the host is followed by something else than a port.
    private static func hasNoPort(_ authority: Substring) -> Bool {
        guard !authority.contains("@"), !authority.hasPrefix("["),
            let colon = authority.lastIndex(of: ":")
        else { return false }
        return !authority[colon...].dropFirst().allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// `user:password@host:path`, which is no URL and which some paste all the same.
    private static func withoutPassword(_ address: String) -> String {
        guard let at = address.firstIndex(of: "@"), let last = address.lastIndex(of: "@"),
            let colon = address.firstIndex(of: ":"), colon < at,
            !address[colon..<at].contains("/")
        else { return address }
        return "\(address[..<colon])\(address[last...])"
    }
}
