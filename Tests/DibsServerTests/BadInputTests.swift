import AsyncHTTPClient
import DibsCore
import DibsJSON
import DibsTesting
import NIOCore
import NIOHTTP1
import Testing

@Suite("Bad input gets a code, a sentence and a hint, with 4xx and never 5xx")
struct BadInputTests {
    /// One request as it is on the wire.
    private struct Sent {
        var method = HTTPMethod.POST
        var path: String
        var body = ""
        var key: String?
        var expected: (status: UInt, code: ErrorCode)
    }

    private func send(_ sent: Sent, to bed: TestBed) async throws {
        var request = HTTPClientRequest(url: bed.address + sent.path)
        request.method = sent.method
        if let key = sent.key { request.headers.add(name: "authorization", value: "Bearer \(key)") }
        if !sent.body.isEmpty { request.body = .bytes(ByteBuffer(string: sent.body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        let place = "\(sent.method) \(sent.path) \(sent.body)"
        #expect(response.status.code == sent.expected.status, "\(place)")
        #expect(response.headers.first(name: "content-type") == Problem.mediaType, "\(place)")
        let problem = Problem(bytes.readableBytesView)
        #expect(problem?.error.code == sent.expected.code, "\(place)")
        #expect(problem?.error.message.isEmpty == false && problem?.error.hint != nil, "\(place)")
    }

    @Test(arguments: Door.remote)
    func `what cannot be read, who is not known, and what may not be`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let task = try await bed.task(in: workspace)
            let (_, key) = try await bed.account(in: workspace)
            let (_, other) = try await bed.account(NewAccount(name: "other"), in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            let admin = bed.admin.secret
            let id = "\"workspaceId\":\"\(workspace.id)\""
            var all = [
                Sent(path: "/api/tasks", body: "{", expected: (400, .malformedJSON)),
                Sent(path: "/api/tasks", body: "[]", expected: (400, .malformedJSON)),
                Sent(path: "/api/tasks", body: "{\(id)}", expected: (400, .missingField)),
                Sent(
                    path: "/api/tasks", body: "{\(id),\"title\":\"t\",\"titel\":1}",
                    expected: (400, .unknownField)),
                Sent(
                    path: "/api/tasks", body: "{\(id),\"title\":7}",
                    expected: (400, .invalidField)),
                Sent(
                    path: "/api/tasks", body: "{\(id),\"title\":\"t\",\"title\":\"u\"}",
                    expected: (400, .malformedJSON)),
                Sent(
                    path: "/api/tasks", body: "{\"workspaceId\":\"x\",\"title\":\"t\"}",
                    expected: (400, .invalidID)),
                Sent(
                    path: "/api/tasks",
                    body: "{\(id),\"title\":\"t\",\"maxCost\":\"0.0000000001\"}",
                    expected: (400, .invalidAmount)),
                Sent(method: .GET, path: "/api/tasks/x", expected: (400, .invalidID)),
                Sent(method: .GET, path: "/api/tasks?limit=0", expected: (400, .invalidField)),
                Sent(method: .GET, path: "/api/tasks?colour=1", expected: (400, .unknownField)),
                Sent(method: .GET, path: "/api/tasks?cursor=x", expected: (400, .invalidCursor)),
                Sent(method: .GET, path: "/api/nothing", expected: (404, .noRoute)),
                Sent(method: .DELETE, path: "/api/tasks", expected: (405, .methodNotAllowed)),
                Sent(
                    path: "/api/tasks/\(task.id)/retry", expected: (409, .illegalTransition)),
            ]
            for index in all.indices { all[index].key = admin }
            all.append(Sent(method: .GET, path: "/api/tasks", expected: (401, .keyMissing)))
            all.append(
                Sent(
                    method: .GET, path: "/api/tasks", key: "dibs_wrong",
                    expected: (401, .keyUnknown)))
            all.append(
                Sent(
                    method: .PATCH, path: "/api/workers/\(worker.id)", body: "{\"progress\":1}",
                    key: other.secret, expected: (403, .forbidden)))
            all.append(
                Sent(
                    method: .PATCH, path: "/api/workers/\(worker.id)",
                    body: "{\"status\":\"idle\",\"progress\":101}", key: key.secret,
                    expected: (400, .invalidField)))
            for sent in all { try await send(sent, to: bed) }
            let after = try await bed.service.tasks(TaskFilter(), .first, as: bed.admin)
            #expect(after.items.count == 1, "nothing was half-written")
        }
    }
}
