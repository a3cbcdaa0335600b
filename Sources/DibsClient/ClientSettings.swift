internal import AsyncHTTPClient
internal import DibsCore
internal import Foundation
internal import NIOCore
internal import NIOSSL
internal import Synchronization

/// Settings in the environment of the way to a server: proxies and certificates.
///
/// `HTTPS_PROXY` and `HTTP_PROXY` name the proxy by the scheme of the server's address, `NO_PROXY`
/// the hosts that need none; each also in small letters, which count first. A server on this
/// machine is always spoken to directly.
///
/// `SSL_CERT_FILE` and `SSL_CERT_DIR` hold the certificates that are trusted instead of the
/// system's, in PEM.
struct ClientSettings: Sendable, Hashable {
    /// The proxy to go through; nil is none.
    let proxy: HTTPClient.Configuration.Proxy?
    /// The file with trusted certificates.
    let certificateFile: String?
    /// The folder with trusted certificates.
    let certificateFolder: String?

    /// Reads them for the server at an address; throws `usage` for a proxy that is none.
    init(for server: URL, in environment: [String: String]) throws {
        func word(_ name: String) -> String? {
            let found = environment[name.lowercased()] ?? environment[name]
            let text = found?.trimmingCharacters(in: .whitespacesAndNewlines)
            return text?.isEmpty == false ? text : nil
        }
        certificateFile = word("SSL_CERT_FILE")
        certificateFolder = word("SSL_CERT_DIR")
        let name = server.scheme == "https" ? "HTTPS_PROXY" : "HTTP_PROXY"
        let direct = DirectHosts(word("NO_PROXY") ?? "")
        guard let text = word(name), let host = server.host(), !direct.contains(host, server.port)
        else {
            proxy = nil
            return
        }
        proxy = try Self.proxy(text, name)
    }

    /// The address of a proxy is not repeated: it may hold a password.
    private static func proxy(
        _ text: String, _ name: String
    ) throws -> HTTPClient.Configuration.Proxy {
        let url = URL(string: text.contains("://") ? text : "http://" + text)
        guard let url, let host = url.host(), !host.isEmpty else { throw noProxy(name) }
        switch url.scheme {
        case "http":
            let user = url.user(percentEncoded: false)
            let authorization = user.map { user in
                HTTPClient.Authorization.basic(
                    username: user, password: url.password(percentEncoded: false) ?? "")
            }
            return .server(host: host, port: url.port ?? 80, authorization: authorization)
        case "socks5", "socks5h": return .socksServer(host: host, port: url.port ?? 1080)
        default: throw noProxy(name)
        }
    }

    private static func noProxy(_ name: String) -> DibsError {
        DibsError(
            .usage, "That is no address of a proxy.", details: ["variable": name],
            hint: "Use http://HOST:PORT or socks5://HOST:PORT, or unset it.")
    }

    /// The TLS that trusts what is to be trusted; nil is the system's.
    ///
    /// Throws `usage` for a file or folder that holds no certificate.
    func tls() throws -> TLSConfiguration? {
        guard certificateFile != nil || certificateFolder != nil else { return nil }
        var found: [NIOSSLCertificate] = []
        if let certificateFile {
            found += (try? NIOSSLCertificate.fromPEMFile(certificateFile)) ?? []
        }
        if let certificateFolder {
            let names = try? FileManager.default.contentsOfDirectory(atPath: certificateFolder)
            for name in (names ?? []).sorted() {
                let path = certificateFolder + "/" + name
                // A folder may hold what is none, such as links that lead nowhere.
                found += (try? NIOSSLCertificate.fromPEMFile(path)) ?? []
            }
        }
        guard !found.isEmpty else {
            throw DibsError(
                .usage, "There is no certificate where SSL_CERT_FILE or SSL_CERT_DIR says.",
                details: ["file": certificateFile, "folder": certificateFolder]
                    .compactMapValues(\.self),
                hint: "Name a file in PEM with the certificate of your authority, or unset it.")
        }
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(found)
        return tls
    }
}

/// The hosts that are spoken to without a proxy.
struct DirectHosts: Sendable {
    private let patterns: [String]

    /// Reads a list such as `.example.org, 10.0.0.7, build:8080`; `*` is every host.
    init(_ list: String) {
        patterns = list.lowercased().split { $0 == "," || $0.isWhitespace }.map(String.init)
    }

    /// Whether a host is among them, by its name or the end of it, or is this machine.
    func contains(_ host: String, _ port: Int?) -> Bool {
        let host = Self.plain(host.lowercased())
        if Self.isLoopback(host) { return true }
        return patterns.contains { pattern in
            if pattern == "*" { return true }
            let (name, only) = Self.split(pattern)
            guard only == nil || only == port else { return false }
            let end = name.hasPrefix("*.") ? String(name.dropFirst(2)) : Self.withoutDot(name)
            return !end.isEmpty && (host == end || host.hasSuffix("." + end))
        }
    }

    private static func withoutDot(_ name: String) -> String {
        name.hasPrefix(".") ? String(name.dropFirst()) : name
    }

    private static func plain(_ host: String) -> String {
        let host = host.hasPrefix("[") ? String(host.dropFirst().prefix { $0 != "]" }) : host
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }

    private static func split(_ pattern: String) -> (name: String, port: Int?) {
        if pattern.hasPrefix("[") {
            let port = pattern.split(separator: "]").last.flatMap { Int($0.dropFirst()) }
            return (plain(pattern), port)
        }
        let parts = pattern.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = Int(parts[1]) else { return (pattern, nil) }
        return (String(parts[0]), port)
    }

    private static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host.hasSuffix(".localhost") || host == "::1"
            || host.wholeMatch(of: /127(\.\d{1,3}){3}/) != nil
    }
}

/// The clients of this process: one for each way to a server, never shut down.
enum Clients {
    private static let made = Mutex<[ClientSettings: HTTPClient]>([:])

    /// Connections to one server: more than a runner's lanes, of which each has a call that waits.
    private static let connections = 1024

    /// The client for a way.
    ///
    /// None is `HTTPClient.shared`, which tries a refused connection again until the deadline: who
    /// forgot to start the server should hear so at once. Nor does one follow redirects: a key
    /// goes to the address it was meant for and to no other.
    static func client(for settings: ClientSettings) throws -> HTTPClient {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
        configuration.timeout.connect = .seconds(10)
        configuration.redirectConfiguration = .disallow
        configuration.proxy = settings.proxy
        configuration.tlsConfiguration = try settings.tls()
        return made.withLock { made in
            if let client = made[settings] { return client }
            let client = HTTPClient(
                eventLoopGroupProvider: .singleton, configuration: configuration)
            made[settings] = client
            return client
        }
    }
}
