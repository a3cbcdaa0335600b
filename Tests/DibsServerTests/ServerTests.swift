import AsyncHTTPClient
import DibsClient
import DibsCore
import DibsJSON
import DibsServer
import Logging
import NIOCore
import NIOHTTP1
import Testing

/// What the door says by itself.
///
/// Behind it is a client whose server is not there: whatever gets
/// through answers `server_unreachable`, so nothing here can pass by asking the service.
@Suite("The door answers by itself what needs no service", .timeLimit(.minutes(1)))
struct ServerTests {
    private struct Heard {
        let status: Int
        let headers: HTTPHeaders
        let json: JSON
        var code: String? { json["code"]?.string }
    }

    /// Serves on a free port while one request is made.
    private func ask(
        _ method: HTTPMethod, _ path: String, key: String? = "dibs_some_key", body: String? = nil,
        headers: HTTPHeaders = [:]
    ) async throws -> Heard {
        var logger = Logger(label: "dibs.test")
        logger.logLevel = .critical
        let ports = AsyncStream.makeStream(of: Int.self)
        let nowhere = try HTTPDibsService("http://127.0.0.1:1")
        let server = DibsServer(nowhere, host: "127.0.0.1", port: 0, logger: logger) { port in
            ports.continuation.yield(port)
        }
        let running = Task { try await server.run() }
        defer { running.cancel() }
        var bound = ports.stream.makeAsyncIterator()
        let port = try #require(await bound.next())

        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        request.headers = headers
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        if let body { request.body = .bytes(ByteBuffer(string: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Heard(
            status: Int(response.status.code), headers: response.headers,
            json: try JSON.parse(bytes.readableBytesView))
    }

    @Test func `it lives, whatever is behind it`() async throws {
        let heard = try await ask(.GET, "/healthz", key: nil)
        #expect(heard.status == 200)
        #expect(heard.json["status"]?.string == "ok")
    }

    @Test func `it is ready only when the service is`() async throws {
        let heard = try await ask(.GET, "/readyz", key: nil)
        #expect(heard.status == 502)
        #expect(heard.code == "server_unreachable")
    }

    @Test func `without a key it asks for one before it looks at anything else`() async throws {
        let heard = try await ask(.POST, "/api/tasks?x=1", key: nil, body: "{")
        #expect(heard.status == 401)
        #expect(heard.code == "key_missing")
        #expect(heard.headers["www-authenticate"] == ["Bearer"])
        #expect(heard.headers["content-type"] == ["application/problem+json"])
    }

    @Test func `an unknown path is 404, and a known one with another method 405`() async throws {
        let lost = try await ask(.GET, "/api/nothing")
        #expect(lost.status == 404)
        #expect(lost.code == "no_route")
        let wrong = try await ask(.PUT, "/api/tasks/7")
        #expect(wrong.status == 405)
        #expect(wrong.code == "method_not_allowed")
        #expect(wrong.headers["allow"] == ["DELETE, GET, PATCH"])
    }

    @Test func `what cannot be read never reaches the service`() async throws {
        #expect(try await ask(.GET, "/api/workers/claim-7").code == "invalid_id")
        #expect(try await ask(.GET, "/api/tasks?stauts=x").code == "unknown_field")
        #expect(try await ask(.POST, "/api/tasks", body: "{").code == "malformed_json")
        #expect(try await ask(.POST, "/api/accounts", body: "{}").code == "missing_field")
    }

    @Test func `a body past two mebibytes is refused`() async throws {
        let large = String(repeating: " ", count: 2 * 1024 * 1024 + 1)
        let heard = try await ask(.POST, "/api/tasks", body: large)
        #expect(heard.status == 413)
        #expect(heard.code == "body_too_large")
    }

    @Test func `what can be read does reach the service`() async throws {
        #expect(try await ask(.GET, "/api/accounts/me").code == "server_unreachable")
        let claim = #"{"runner": "r", "waitSeconds": 1}"#
        let heard = try await ask(.POST, "/api/workers/claim", body: claim)
        #expect(heard.code == "server_unreachable")
    }

    @Test func `every answer has an id, the caller's own when it is sane`() async throws {
        let own = try await ask(.GET, "/healthz", headers: ["x-request-id": "run-7"])
        #expect(own.headers["x-request-id"] == ["run-7"])
        let made = try await ask(.GET, "/api/nothing", headers: ["x-request-id": "a b"])
        #expect(made.headers["x-request-id"].first?.count == 36)
        #expect(made.headers["cache-control"] == ["no-store"])
    }
}
