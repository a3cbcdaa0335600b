import AsyncHTTPClient
import DibsClient
import DibsCore
import DibsJSON
import DibsTesting
import NIOCore
import NIOHTTP1
import Testing

/// What the door says by itself.
///
/// Behind it is a client whose server is not there: whatever gets through answers
/// `server_unreachable`, so nothing here can pass by asking the service. What the door says to a
/// known caller alone is asked of a door with an engine behind it.
@Suite("The door answers by itself what needs no service", .timeLimit(.minutes(5)))
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
        try await LiveServer.serving(HTTPDibsService("http://127.0.0.1:1")) { server in
            try await ask(
                "http://127.0.0.1:\(server.port)", method, path, key: key, body: body,
                headers: headers)
        }
    }

    private func ask(
        _ address: String, _ method: HTTPMethod, _ path: String, key: String?,
        body: String? = nil, headers: HTTPHeaders = [:]
    ) async throws -> Heard {
        var request = HTTPClientRequest(url: address + path)
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
        try await Door.overHTTP.open { bed in
            let wrong = try await ask(bed.address, .PUT, "/api/tasks/7", key: bed.admin.secret)
            #expect(wrong.status == 405)
            #expect(wrong.code == "method_not_allowed")
            #expect(wrong.headers["allow"] == ["DELETE, GET, HEAD, PATCH"])
        }
    }

    @Test func `what cannot be read is refused by name`() async throws {
        try await Door.overHTTP.open { bed in
            let large = String(repeating: " ", count: 2 * 1024 * 1024 + 1)
            let wrong: [(HTTPMethod, String, body: String?, code: String)] = [
                (.GET, "/api/workers/claim-7", nil, "invalid_id"),
                (.GET, "/api/tasks?stauts=x", nil, "unknown_field"),
                (.POST, "/api/tasks", "{", "malformed_json"),
                (.POST, "/api/accounts", "{}", "missing_field"),
                (.POST, "/api/tasks", large, "body_too_large"),
            ]
            for (method, path, body, code) in wrong {
                let heard = try await ask(
                    bed.address, method, path, key: bed.admin.secret, body: body)
                #expect(heard.code == code, "\(method) \(path)")
            }
        }
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
