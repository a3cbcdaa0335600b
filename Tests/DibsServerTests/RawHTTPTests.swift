import DibsClient
import DibsCore
import DibsServer
import DibsTesting
import NIOCore
import Testing

/// Lines as no client of HTTP sends them; behind the door is nobody, so whatever would get through
/// answers `server_unreachable`, which is 502.
@Suite("No bytes end the server, whatever they are", .timeLimit(.minutes(5)))
struct RawHTTPTests {
    private static let nowhere = "http://127.0.0.1:1"
    private static let key = "Authorization: Bearer dibs_some_key\r\n"
    private static let post = "POST /api/tasks HTTP/1.1\r\n" + key
    private static let coded = post + "Transfer-Encoding: "
    private static let end = "Host: localhost\r\nConnection: close\r\n\r\n"

    /// What is sent, and the statuses that may come back; none is a closed connection.
    private static let lines: [(sent: String, statuses: [[Int]])] = [
        ("GET /healthz HTTP/1.1\r\n\(end)", [[200]]),
        ("HEAD /healthz HTTP/1.1\r\n\(end)", [[200]]),
        ("GET /healthz HTTP/1.0\r\n\r\n", [[200]]),
        ("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", [[400]]),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\(end)", [[400]]),
        ("GET http://localhost/healthz HTTP/1.1\r\n\(end)", [[200]]),
        ("GET http://evil.example/healthz HTTP/1.1\r\n\(end)", [[421]]),
        ("GET http:// HTTP/1.1\r\n\(end)", [[400], [404], [421]]),
        ("GET //healthz HTTP/1.1\r\n\(end)", [[200], [404]]),
        ("GET //api//tasks HTTP/1.1\r\n\(end)", [[401], [404]]),
        ("GET /api%2Ftasks HTTP/1.1\r\n\(end)", [[404]]),
        ("GET /api/tasks/%00 HTTP/1.1\r\n\(end)", [[401]]),
        ("GET /api/tasks/%00 HTTP/1.1\r\n\(key)\(end)", [[502]]),
        ("GET /api/tasks?limit=%zz HTTP/1.1\r\n\(end)", [[401]]),
        ("GET /\0 HTTP/1.1\r\n\(end)", [[400]]),
        ("OPTIONS * HTTP/1.1\r\n\(end)", [[400], [404]]),
        ("CONNECT localhost:80 HTTP/1.1\r\n\(end)", [[400], [404]]),
        ("TRACE /healthz HTTP/1.1\r\n\(end)", [[405]]),
        ("BREW /healthz HTTP/1.1\r\n\(end)", [[400]]),
        ("PATCH /healthz HTTP/1.1\r\nContent-Length: 0\r\n\(end)", [[405]]),
        ("GET /healthz HTTP/9.9\r\n\(end)", [[400]]),
        ("GET /healthz\r\n\r\n", [[400]]),
        ("\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}", [[400]]),
        ("\r\n\r\n\r\nGET /healthz HTTP/1.1\r\n\(end)", [[200]]),
        ("GET /api/tasks HTTP/1.1\r\nAuthorization: Bearer\r\n\(end)", [[401]]),
        ("GET /api/tasks HTTP/1.1\r\nAuthorization:\r\n\(end)", [[401]]),
        ("GET /api/tasks HTTP/1.1\r\nAuthorization: Bearer a b c\r\n\(end)", [[401]]),
        ("GET /api/tasks HTTP/1.1\r\nAuthorization: Basic YTpi\r\n\(end)", [[401]]),
        ("GET /api/tasks HTTP/1.1\r\n\(key)\(key)\(end)", [[401]]),
        ("GET /api/tasks HTTP/1.1\r\nAuthorization: Bearer dibw_\r\n\(end)", [[502]]),
        ("GET /api/tasks HTTP/1.1\r\nAuth\0orization: x\r\n\(end)", [[400]]),
        ("\(post)Content-Length: 1\r\nContent-Length: 2\r\n\(end){}", [[400]]),
        ("\(post)Content-Length: -1\r\n\(end)", [[400]]),
        ("\(post)Content-Length: 99999999999999999999\r\n\(end)", [[400]]),
        (
            "\(post)Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\(end)0\r\n\r\n",
            [[400]]
        ),
        ("\(coded)gzip\r\n\(end)", [[400]]),
        ("\(coded)chunked, gzip\r\n\(end)0\r\n\r\n", [[400]]),
        ("\(coded)gzip, chunked\r\n\(end)0\r\n\r\n", [[501]]),
        ("\(coded)identity, Chunked\r\n\(end)0\r\n\r\n", [[501]]),
        (
            "\(coded)gzip\r\nTransfer-Encoding: chunked\r\n\(end)0\r\n\r\n",
            [[501]]
        ),
        ("\(coded)chunked, chunked\r\n\(end)0\r\n\r\n", [[400]]),
        (
            "\(coded)chunked\r\nTransfer-Encoding: chunked\r\n\(end)0\r\n\r\n",
            [[400]]
        ),
        ("\(post)Transfer-Encoding:\r\n\(end)", [[400]]),
        ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\(end)0\r\n\r\n", [[400]]),
        ("GET /healthz HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\n\(end)0\r\n\r\n", [[200]]),
        (
            "\(coded)gzip, chunked\r\nContent-Length: 5\r\n\(end)0\r\n\r\n",
            [[400]]
        ),
        (
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
                + "\(coded)gzip, chunked\r\n\(end)3\r\nabc\r\n0\r\n\r\n",
            [[200, 400], [200, 501]]
        ),
        ("\(coded)chunked\r\n\(end)zz\r\n", [[400], [502]]),
        (
            "\(coded)chunked\r\n\(end)ffffffffffffffffff\r\n",
            [[400], [502]]
        ),
        (
            "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /api HTTP/1.1\r\n\(end)",
            [[200, 404]]
        ),
        ("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n", [[200, 400]]),
        ("GET /healthz HTTP/1.1\r\n\(end)GET /healthz HTTP/1.1\r\n\(end)", [[200]]),
    ]

    @Test func `each of them is answered as it must be, and the server lives on`() async throws {
        let short: (inout DoorSettings) -> Void = { $0.patience.drain = .milliseconds(100) }
        try await LiveServer.serving(HTTPDibsService(Self.nowhere), short) { server in
            for (sent, statuses) in Self.lines {
                let heard = try await server.say(sent)
                #expect(statuses.contains(heard.statuses), "\(sent.debugDescription): \(heard)")
                #expect(try await server.isAlive(), "\(sent.debugDescription)")
            }
        }
    }

    @Test(arguments: [9_000, 20_000, 200_000])
    func `a target that is too long is refused`(length: Int) async throws {
        try await LiveServer.serving(HTTPDibsService(Self.nowhere)) { server in
            let path = String(repeating: "a", count: length)
            let heard = try await server.say("GET /\(path) HTTP/1.1\r\n\(Self.end)")
            #expect([[414], [431]].contains(heard.statuses), "\(heard.prefix(200))")
            #expect(try await server.isAlive())
        }
    }

    @Test func `headers that are too large, or too many, are refused`() async throws {
        try await LiveServer.serving(HTTPDibsService(Self.nowhere)) { server in
            let large = String(repeating: "a", count: 20_000)
            let one = try await server.say("GET / HTTP/1.1\r\nX: \(large)\r\n\(Self.end)")
            #expect(one.statuses == [431])
            let many = String(repeating: "X: a\r\n", count: 200)
            let all = try await server.say("GET / HTTP/1.1\r\n\(many)\(Self.end)")
            #expect(all.statuses == [431])
            #expect(all.contains("headers_too_large"))
        }
    }

    @Test(arguments: [(1_000, [201]), (200_000, [400]), (2_000_000, [400])])
    func `what stands in a chunk beside its bytes has a bound`(
        length: Int, statuses: [Int]
    ) async throws {
        try await Door.engineOnSQLite.open { bed in
            try await LiveServer.serving(bed.engine) { server in
                let head = """
                    POST /api/workspaces HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                    Authorization: Bearer \(bed.admin.secret)\r\n\
                    Transfer-Encoding: chunked\r\n\r\n10;a=
                    """
                let piece = Array(repeating: UInt8(ascii: "a"), count: length / 10)
                let rest = "\r\n{\"name\": \"site\"}\r\n0\r\n\r\n"
                let heard = try await server.say(
                    [Array(head.utf8)] + Array(repeating: piece, count: 10) + [Array(rest.utf8)])
                #expect(heard.statuses == statuses)
                #expect(try await server.isAlive())
            }
        }
    }

    @Test func `HEAD is GET without its body`() async throws {
        try await LiveServer.serving(HTTPDibsService(Self.nowhere)) { server in
            for path in ["/healthz", "/readyz", "/api/tasks"] {
                let get = try await server.say("GET \(path) HTTP/1.1\r\n\(Self.end)")
                let head = try await server.say("HEAD \(path) HTTP/1.1\r\n\(Self.end)")
                #expect(head.statuses == get.statuses, "\(path)")
                #expect(head.hasSuffix("\r\n\r\n") && !head.contains("{"), "\(path)")
                let length = #/Content-Length: ([0-9]+)/#.ignoresCase()
                #expect(
                    head.firstMatch(of: length)?.output.1 == get.firstMatch(of: length)?.output.1)
            }
        }
    }

    @Test func `every answer says to a browser what it is not`() async throws {
        try await LiveServer.serving(HTTPDibsService(Self.nowhere)) { server in
            for path in ["/healthz", "/api/nothing", "/api/tasks"] {
                let heard = try await server.say("GET \(path) HTTP/1.1\r\n\(Self.end)").lowercased()
                for line in [
                    "x-content-type-options: nosniff", "referrer-policy: no-referrer",
                    "content-security-policy: default-src 'none'; frame-ancestors 'none'",
                    "cross-origin-resource-policy: same-origin", "cache-control: no-store",
                ] { #expect(heard.contains(line + "\r\n"), "\(path) \(line)") }
            }
        }
    }

    @Test(arguments: [5_000_000, 20_000_000])
    func `who sends everything before it reads sees that it was too much`(
        count: Int
    ) async throws {
        try await Door.engineOnSQLite.open { bed in
            try await LiveServer.serving(bed.engine) { server in
                let head = """
                    POST /api/tasks HTTP/1.1\r\nHost: localhost\r\n\
                    Authorization: Bearer \(bed.admin.secret)\r\nContent-Length: \(count)\r\n\r\n
                    """
                let piece = Array(repeating: UInt8(ascii: " "), count: count / 10)
                let heard = try await server.say(
                    [Array(head.utf8)] + Array(repeating: piece, count: 10))
                #expect(heard.statuses == [413])
                #expect(heard.contains("body_too_large"))
                #expect(try await server.isAlive())
            }
        }
    }

    @Test func `who asks before it sends is told to go on, or why not`() async throws {
        try await Door.engineOnSQLite.open { bed in
            let body = #"{"name": "site"}"#
            func head(_ key: String, _ count: Int) -> String {
                """
                POST /api/workspaces HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
                Authorization: Bearer \(key)\r\nExpect: 100-continue\r\n\
                Content-Length: \(count)\r\n\r\n
                """
            }
            try await LiveServer.serving(bed.engine, { $0.patience.drain = .milliseconds(50) }) {
                server in
                let stranger = try await server.say(head("dibs_wrong", body.utf8.count))
                #expect(stranger.statuses == [401])
                let large = try await server.say(head(bed.admin.secret, 3_000_000))
                #expect(large.statuses == [413])
                let channel = try await server.connect()
                try await channel.executeThenClose { inbound, outbound in
                    let sent = head(bed.admin.secret, body.utf8.count)
                    try await outbound.write(ByteBuffer(string: sent))
                    var parts = inbound.makeAsyncIterator()
                    let first = try #require(try await parts.next())
                    #expect(String(buffer: first) == "HTTP/1.1 100 Continue\r\n\r\n")
                    try await outbound.write(ByteBuffer(string: body))
                    let second = try #require(try await parts.next())
                    #expect(String(buffer: second).statuses == [201])
                }
            }
        }
    }
}
