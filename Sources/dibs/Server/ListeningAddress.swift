internal import DibsCore
internal import Foundation

/// The address on which a server listens, and the one by which it is reached from this machine.
struct ListeningAddress: Sendable {
    /// A name or a number, an IPv6 address without its brackets.
    let host: String
    private let isIPv6: Bool
    /// Whether it stands for every address of the machine.
    let isEverywhere: Bool

    /// Reads `--host`; throws `usage` for what is no host.
    init(_ text: String) throws {
        var host = text.trimmingCharacters(in: .whitespacesAndNewlines)
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        let bytes = Self.bytes(ofIPv6: host)
        let isWord = host.allSatisfy { $0.isLetter || $0.isNumber || "-._:%".contains($0) }
        guard !host.isEmpty, isWord, bytes != nil || !host.contains(where: { ":%".contains($0) })
        else {
            throw DibsError(
                .usage, "That is no host to listen on.", details: ["host": text],
                hint: "Give an address or a name, such as 127.0.0.1, ::1 or 0.0.0.0 (all "
                    + "addresses); the port apart: --port.")
        }
        (self.host, self.isIPv6) = (host, bytes != nil)
        isEverywhere = bytes?.allSatisfy { $0 == 0 } ?? ["0.0.0.0", "0"].contains(host)
    }

    /// The sixteen bytes of an IPv6 address, its zone left out; nil for anything else.
    private static func bytes(ofIPv6 text: String) -> [UInt8]? {
        var address = in6_addr()
        let number = String(text.prefix { $0 != "%" })
        guard inet_pton(AF_INET6, number, &address) == 1 else { return nil }
        return withUnsafeBytes(of: &address) { Array($0) }
    }

    /// The address that this machine's clients use.
    func url(port: Int) -> String {
        let own = isEverywhere ? (isIPv6 ? "::1" : "127.0.0.1") : host
        let name = isIPv6 ? "[" + own.replacing("%", with: "%25") + "]" : own
        return "http://\(name):\(port)"
    }
}

/// Says in plain words why an address cannot be listened on.
func listening(
    on address: ListeningAddress, port: Int, _ body: () async throws -> Void
) async throws {
    do { try await body() } catch let error as DibsError { throw error } catch {
        let text = "\(error)"
        let meanings: [(sign: String, message: String, hint: String)] = [
            (
                "errno: \(EADDRINUSE))", "Something else listens on that port.",
                "Stop it, or use another: --port 0 takes any free one."
            ),
            (
                "errno: \(EACCES))", "This user may not listen on that port.",
                "Use one above 1023."
            ),
            (
                "errno: \(EADDRNOTAVAIL))", "That address is not one of this machine's.",
                "Use 127.0.0.1, or 0.0.0.0 for all of them."
            ),
            (
                "errno: \(EAFNOSUPPORT))", "This machine has no addresses of that kind.",
                "Use 127.0.0.1, or 0.0.0.0 for all of them."
            ),
            ("UnknownHost", "That host is not known.", "Use an address of this machine."),
        ]
        guard let meaning = meanings.first(where: { text.contains($0.sign) }) else { throw error }
        throw DibsError(
            .usage, meaning.message, details: ["host": address.host, "port": "\(port)"],
            hint: meaning.hint)
    }
}
