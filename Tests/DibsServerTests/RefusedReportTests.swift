import AsyncHTTPClient
import DibsCore
import DibsJSON
import DibsTesting
import Foundation
import NIOCore
import NIOHTTP1
import Testing

@Suite("A report that is refused for what it says is a heartbeat all the same")
struct RefusedReportTests {
    private func say(
        _ body: String, of worker: ClaimedWorker, to bed: TestBed
    ) async throws -> DibsError? {
        var request = HTTPClientRequest(url: bed.address + "/api/workers/\(worker.id)")
        request.method = .PATCH
        request.headers.add(name: "authorization", value: "Bearer \(worker.token)")
        request.body = .bytes(ByteBuffer(string: body))
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return Problem(bytes.readableBytesView)?.error
    }

    @Test(arguments: Door.remote)
    func `its lease is renewed, nothing else is taken, and the answer says both`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let (worker, key) = try await bed.claimedWorker()
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            for (body, code) in [
                (#"{"progress":40,"costUsd":"$0.01"}"#, ErrorCode.invalidAmount),
                (#"{"progress":40,"inputTokens":"7"}"#, .invalidField),
                (#"{"progress":40,"branch":"a..b"}"#, .invalidField),
                (#"{"progress":40,"costs":1}"#, .unknownField),
                (#"{"progress":40"#, .malformedJSON),
                (#"{"progress":40,"status":"idle"}"#, .illegalTransition),
                (#"{"progress":40,"sequence":9007199254740991}"#, .invalidField),
            ] {
                try await bed.pass(seconds: 800)
                let error = try #require(try await say(body, of: worker, to: bed))
                #expect(error.code == code && error.details["taken"] == "heartbeat")
                let until = bed.clock.now.addingTimeInterval(900).rfc3339
                #expect(error.details["leaseExpiresAt"] == until)
            }
            let after = try await bed.service.worker(worker.id, as: key)
            #expect(after.status == .running && after.progress == 0)
        }
    }

    @Test(arguments: Door.remote)
    func `it says that the worker is to stop, and renews nothing for who may not report`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            for title in ["one", "other"] { try await bed.task(title, in: workspace) }
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.cancelTask(worker.taskID, as: bed.admin)
            let stopped = try await say(#"{"progress":400}"#, of: worker, to: bed)
            #expect(stopped?.details["stop"] == "cancelled")
            var stranger = try #require(try await bed.claim(as: key).first)
            stranger.token = worker.token
            let refused = try await say(#"{"progress":400}"#, of: stranger, to: bed)
            #expect(refused?.code == .invalidField && refused?.details["taken"] == nil)
        }
    }
}
