import DibsClient
import DibsCore
import DibsTesting
import Foundation
import Testing

@Suite("The client goes the way that its environment names", .timeLimit(.minutes(5)))
struct ClientWayTests {
    private static let ready =
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 18\r\n\r\n"
        + #"{"status":"ready"}"#

    private func port(of address: String) throws -> Int {
        try #require(URL(string: address)?.port)
    }

    private func error(
        at address: String, _ environment: [String: String] = [:]
    ) async throws -> DibsError? {
        try await failure(as: DibsError.self) {
            try await HTTPDibsService(address, environment: environment).ready()
        }
    }

    @Test func `a server is reached through the proxy, which sees no key`() async throws {
        try await Door.overHTTP.open { bed in
            let port = try port(of: bed.address)
            try await TunnelProxy.running(to: port) { proxy, proxyPort in
                let place = "http://ada:s3cret@127.0.0.1:\(proxyPort)"
                for name in ["HTTP_PROXY", "http_proxy"] {
                    // No Host check of the server is in the way: it is asked for its readiness.
                    let far = try HTTPDibsService(
                        "http://dibs.example:\(port)", environment: [name: place])
                    let refused = try await failure(as: DibsError.self) {
                        _ = try await far.account(nil, as: bed.admin)
                    }
                    #expect(refused == nil || refused?.code == .hostNotAllowed)
                }
                #expect(proxy.asked.contains { $0.hasPrefix("CONNECT dibs.example:\(port) ") })
                #expect(proxy.asked.allSatisfy { $0.contains("YWRhOnMzY3JldA==") })
                #expect(!proxy.asked.contains { $0.contains(bed.admin.secret) })
            }
        }
    }

    @Test func `who is named in NO_PROXY, and this machine, is spoken to directly`() async throws {
        _ = try await withCannedServer(Self.ready) { address in
            let port = try port(of: address)
            try await TunnelProxy.running(to: port) { proxy, proxyPort in
                let place = "http://127.0.0.1:\(proxyPort)"
                for server in [address, "http://localhost:\(port)"] {
                    #expect(try await error(at: server, ["HTTP_PROXY": place]) == nil)
                }
                for list in [
                    "*", "dibs.invalid", ".invalid", "x, dibs.invalid", "dibs.invalid:\(port)",
                ] {
                    let direct = ["http_proxy": place, "NO_PROXY": list]
                    let error = try await error(at: "http://dibs.invalid:\(port)", direct)
                    #expect(error?.code == .serverUnreachable, "\(list)")
                }
                #expect(proxy.asked.isEmpty)
                for list in ["other.invalid", "ibs.invalid", "dibs.invalid:1", ""] {
                    let through = ["http_proxy": place, "no_proxy": list]
                    let error = try await error(at: "http://dibs.invalid:\(port)", through)
                    #expect(error == nil, "\(list)")
                }
                #expect(!proxy.asked.isEmpty)
            }
        }
    }

    @Test func `a proxy that refuses, and one that is none, is told and not repeated`()
        async throws
    {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
        try await TunnelProxy.running(to: 1, refusing: refusal) { _, port in
            let place = "http://ada:s3cret@127.0.0.1:\(port)"
            let error = try await error(at: "http://dibs.invalid:1", ["HTTP_PROXY": place])
            #expect(error?.message.contains("proxy") == true && error?.code.isPassing == true)
            #expect(!"\(String(describing: error))".contains("s3cret"))
        }
        for place in ["ftp://s3cret:1", "http://"] {
            let error = try await error(at: "http://dibs.invalid:1", ["HTTP_PROXY": place])
            #expect(error?.code == .usage && error?.details["variable"] == "HTTP_PROXY")
            #expect(!"\(String(describing: error))".contains("s3cret"))
        }
    }

    /// A folder with the authority's certificate, and something that is none.
    private func withAuthority(
        _ body: (_ file: String, _ folder: String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "dibs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "authority.pem")
        try Data(TestCertificates.authority.utf8).write(to: file)
        try Data("no certificate".utf8).write(to: folder.appending(path: "README"))
        try await body(file.path(percentEncoded: false), folder.path(percentEncoded: false))
    }

    @Test func `a certificate of an unknown authority is told in our words`() async throws {
        let tls = try TestCertificates.tls(TestCertificates.localhost)
        _ = try await withCannedServer(Self.ready, tls: tls) { address in
            let error = try #require(try await error(at: address))
            #expect(error.message == "The server's certificate is not trusted here.")
            #expect(error.hint?.contains("SSL_CERT_FILE") == true)
            #expect(!"\(error)".contains("SSL_CERT") && !"\(error)".contains(".cc:"))
        }
    }

    @Test func `SSL_CERT_FILE and SSL_CERT_DIR name the authority to trust`() async throws {
        let tls = try TestCertificates.tls(TestCertificates.localhost)
        try await withAuthority { file, folder in
            _ = try await withCannedServer(Self.ready, tls: tls) { address in
                #expect(try await error(at: address, ["SSL_CERT_FILE": file]) == nil)
                #expect(try await error(at: address, ["SSL_CERT_DIR": folder]) == nil)
                let none = try await error(at: address, ["SSL_CERT_FILE": folder + "/README"])
                #expect(none?.code == .usage && none?.details["file"] != nil)
            }
            let other = try TestCertificates.tls(TestCertificates.other)
            _ = try await withCannedServer(Self.ready, tls: other) { address in
                let error = try await error(at: address, ["SSL_CERT_FILE": file])
                #expect(error?.message == "The server's certificate is for another name.")
            }
            _ = try await withCannedServer("no TLS") { address in
                let address = address.replacing("http://127.0.0.1", with: "https://localhost")
                let error = try await error(at: address, ["SSL_CERT_FILE": file])
                #expect(error?.message.contains("no TLS") == true)
            }
        }
    }

    @Test func `a body that is too large for what stands between is refused for good`()
        async throws
    {
        let answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nbig\n"
        _ = try await withCannedServer(answer) { address in
            let error = try #require(try await error(at: address))
            #expect(error.code == .bodyTooLarge && !error.code.isPassing)
        }
    }

    @Test func `a page in place of an empty answer is no success`() async throws {
        let page = "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>"
        _ = try await withCannedServer(page) { address in
            let error = try await failure(as: DibsError.self) {
                try await HTTPDibsService(address).deleteTask(
                    Identifier(UUID()), as: Credential("dibs_key"))
            }
            #expect(error?.code == .notDibs)
        }
    }

    @Test func `more calls wait at once than a client of old had connections`() async throws {
        try await Door.overHTTP.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task(in: workspace)
            let worker = try #require(try await bed.claim(as: bed.admin).first)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        _ = try? await bed.service.heartbeat(
                            worker.id, waitSeconds: 60, as: bed.admin)
                    }
                }
                while bed.parkedBeats != 40 { await Task.yield() }
                _ = try await bed.service.cancelTask(worker.taskID, as: bed.admin)
                try await group.waitForAll()
            }
        }
    }
}
