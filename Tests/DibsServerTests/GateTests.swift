import DibsClient
import DibsCore
import HTTPTypes
import Testing

@testable import DibsServer

@Suite("The gate knows hosts, addresses, and who has failed", .timeLimit(.minutes(5)))
struct GateTests {
    private func refusal(
        _ check: HostCheck, host: String?, origin: String? = nil,
        _ method: HTTPRequest.Method = .post
    ) -> ErrorCode? {
        var request = HTTPRequest(method: method, scheme: "http", authority: host, path: "/")
        if let origin { request.headerFields[.origin] = origin }
        do {
            try check.check(request)
            return nil
        } catch { return (error as? DibsError)?.code }
    }

    @Test(arguments: ["127.0.0.1", "localhost", "::1"])
    func `on loopback a server is called by loopback's names alone`(listening: String) {
        let check = HostCheck(listeningOn: listening, allowed: ["Dibs.example"])
        for host in [
            "localhost", "LOCALHOST:7171", "127.0.0.1:80", "[::1]:7171", "localhost.",
            "dibs.example", "dibs.example:443", "dibs.example.", "dibs.example.:443", "[::1]",
        ] { #expect(refusal(check, host: host) == nil, "\(host)") }
        for host in [
            "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.0.2.1", "",
            "[::1", "evil.example:80", "localhost:80:80", "[::1]evil.example", "[::1]:80/evil",
            "127.0.0.1:80/evil", "localhost:evil", "localhost/evil", "[localhost]", "localhost..",
            "evil@localhost", "localhost\u{e9}",
        ] {
            #expect(refusal(check, host: host) == .hostNotAllowed, "\(host)")
        }
        #expect(refusal(check, host: nil) == .malformedRequest)
    }

    @Test func `elsewhere it is called by any name, unless some are allowed`() {
        let any = HostCheck(listeningOn: "0.0.0.0", allowed: [])
        #expect(refusal(any, host: "whatever.example") == nil)
        let some = HostCheck(listeningOn: "192.0.2.1", allowed: ["dibs.example"])
        #expect(refusal(some, host: "whatever.example") == .hostNotAllowed)
        for host in ["dibs.example", "localhost", "192.0.2.1:7171"] {
            #expect(refusal(some, host: host) == nil, "\(host)")
        }
    }

    @Test func `a page from elsewhere may read what it can, and change nothing`() {
        let check = HostCheck(listeningOn: "0.0.0.0", allowed: [])
        let host = "dibs.example:7171"
        #expect(refusal(check, host: host, origin: "http://dibs.example") == nil)
        #expect(refusal(check, host: host, origin: "http://localhost:3000") == nil)
        for origin in [
            "https://evil.example", "null", "", "file://", "dibs.example",
            "http://[::1]evil.example", "http://localhost:80.evil.example",
            "http://localhost@evil.example", "http://127.0.0.1/evil",
        ] {
            #expect(refusal(check, host: host, origin: origin) == .originNotAllowed, "\(origin)")
            #expect(refusal(check, host: host, origin: origin, .get) == nil)
        }
        let some = HostCheck(listeningOn: "0.0.0.0", allowed: ["dibs.example", "ui.example"])
        #expect(refusal(some, host: host, origin: "https://ui.example") == nil)
    }

    @Test func `a block holds its addresses and no others`() throws {
        let block = try #require(AddressBlock("10.1.128.0/17"))
        #expect(block.contains(try #require(PeerAddress("10.1.200.1"))))
        #expect(block.contains(try #require(PeerAddress("::ffff:10.1.200.1"))))
        #expect(!block.contains(try #require(PeerAddress("10.1.127.255"))))
        #expect(!block.contains(try #require(PeerAddress("2001:db8::1"))))
        let all = try #require(AddressBlock("::/0"))
        #expect(all.contains(try #require(PeerAddress("[2001:db8::1]"))))
        for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0/8", "name", "10.0.0.0/8/8", "/"] {
            #expect(AddressBlock(text) == nil, "\(text)")
        }
    }

    private func client(peer: String, _ forwarded: String...) -> String? {
        let proxies = ["10.0.0.0/8", "::1"].compactMap { AddressBlock($0) }
        var headers = HTTPFields()
        guard let name = HTTPField.Name("X-Forwarded-For") else { return nil }
        for text in forwarded { headers.append(HTTPField(name: name, value: text)) }
        return TrustedProxies(blocks: proxies).client(of: PeerAddress(peer), headers: headers)?
            .description
    }

    @Test func `a forwarded address counts only from a trusted proxy, and only its own word`() {
        #expect(client(peer: "192.0.2.1", "192.0.2.99") == "192.0.2.1")
        #expect(client(peer: "10.0.0.1") == "10.0.0.1")
        #expect(client(peer: "10.0.0.1", "192.0.2.99") == "192.0.2.99")
        #expect(client(peer: "10.0.0.1", "127.0.0.1, 192.0.2.99, 10.0.0.2") == "192.0.2.99")
        #expect(client(peer: "::1", "127.0.0.1", "192.0.2.99") == "192.0.2.99")
        #expect(client(peer: "10.0.0.1", "nonsense") == "10.0.0.1")
        #expect(client(peer: "10.0.0.1", "192.0.2.9, nonsense, 10.0.0.3") == "10.0.0.3")
        let long = String(repeating: "10.0.0.1, ", count: 10_000)
        #expect(client(peer: "10.0.0.1", "192.0.2.9, " + long + "10.0.0.5") == "10.0.0.1")
    }

    @Test func `failures are counted by address and prefix, for a minute, in bounded memory`() {
        let moment = Moment()
        var settings = FailureSettings()
        settings.free = 2
        settings.remembered = 4
        let failures = FailedKeys(settings, now: { moment.now })
        let free = FailedKeys.Verdict()
        for _ in 0..<2 { #expect(failures.failed(from: "a", prefix: nil) == free) }
        #expect(failures.failed(from: "a", prefix: nil) == .init(isHeld: true, logs: .itAsTheLast))
        #expect(failures.failed(from: "a", prefix: nil) == .init(isHeld: true, logs: .nothing))
        #expect(failures.failed(from: "b", prefix: "dibs_1") == free)
        #expect(failures.failed(from: "c", prefix: "dibs_1") == free)
        #expect(failures.failed(from: "d", prefix: "dibs_1").isHeld)
        moment.advance(.seconds(60))
        #expect(failures.failed(from: "a", prefix: nil) == free)
        for number in 0..<1000 { _ = failures.failed(from: "\(number)", prefix: nil) }
        #expect(failures.counted <= 5)
        #expect(failures.failed(from: "new", prefix: nil).isHeld)
    }

    @Test func `bytes are set aside for each, up to a part, and given back`() throws {
        let budget = ByteBudget(limit: 100, share: 60)
        var first: ByteBudget.Reservation? = try budget.reserve(60, for: "a")
        #expect(throws: DibsError.self) { try budget.reserve(1, for: "a") }
        #expect(throws: DibsError.self) { try budget.reserve(41, for: "b") }
        let second = try budget.reserve(40, for: "b")
        #expect(budget.held == 100)
        withExtendedLifetime(first) {}
        first = nil
        #expect(budget.held == 40)
        let third = try budget.reserve(60, for: "a")
        withExtendedLifetime((second, third)) {}
    }

    @Test func `a service that hangs is not ready, and is asked once`() async throws {
        let hanging = try await withHangingServer { address in
            let readiness = Readiness(limit: .milliseconds(1))
            let service = try HTTPDibsService(address)
            for _ in 0..<3 {
                let error = await #expect(throws: DibsError.self) {
                    try await readiness.check(service)
                }
                #expect(error?.code == .unavailable)
            }
        }
        #expect(hanging == 1)
    }

    @Test func `a request ends in time, whatever the service does`() async throws {
        _ = try await withHangingServer { address in
            let short: (inout DoorSettings) -> Void = {
                $0.request = .milliseconds(50)
                $0.readiness = .milliseconds(50)
            }
            try await LiveServer.serving(HTTPDibsService(address), short) { server in
                let end = "Host: localhost\r\nAuthorization: Bearer k\r\nConnection: close\r\n\r\n"
                let read = try await server.say("GET /api/tasks HTTP/1.1\r\n\(end)")
                #expect(read.statuses == [503] && read.contains("unavailable"))
                let ready = try await server.say("GET /readyz HTTP/1.1\r\n\(end)")
                #expect(ready.statuses == [503])
                #expect(ready.lowercased().contains("retry-after: 5\r\n"))
                let id = "00000000-0000-7000-8000-000000000000"
                let write = try await server.say("POST /api/tasks/\(id)/cancel HTTP/1.1\r\n\(end)")
                #expect(write.statuses == [503] && write.contains("unknown_outcome"))
                #expect(try await server.isAlive())
            }
        }
    }
}
