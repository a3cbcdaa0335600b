import AsyncHTTPClient
import DibsCore
import DibsFuzz
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// Sends what the fuzzers caught to the program itself.
///
/// What stops a process stops this one, whatever tests inside one process say. `make fuzz` does it
/// with the release build.
@Suite("The program lives through what is kept", .serialized, .timeLimit(.minutes(5)))
struct CorpusTests {
    private static let key = Credential("dibs_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG")

    private func send(
        _ method: HTTPMethod, _ url: String, _ body: [UInt8]? = nil, key: Credential?,
        once: String? = nil
    ) async throws -> UInt {
        var request = HTTPClientRequest(url: url)
        request.method = method
        if let key { request.headers.add(name: "authorization", value: "Bearer \(key.secret)") }
        if let once { request.headers.add(name: "idempotency-key", value: once) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        _ = try await response.body.collect(upTo: 1 << 26)
        return response.status.code
    }

    @Test func `it answers every one of them, with a key and without, and goes on`() async throws {
        try await withProgram { program, folder in
            let database = "sqlite:" + folder.path(percentEncoded: false) + "/a.sqlite"
            let arguments = ["serve", "--port", "0", "--database", database]
            let environment = ["DIBS_ADMIN_KEY": Self.key.secret]
            try await program.running(arguments, with: environment, until: "listens on") { line in
                let url = String(try #require(line.firstMatch(of: /http:\S+/)).output)
                for (name, bytes) in try Corpus.inputs() {
                    for (method, path) in Self.targets(bytes) {
                        for key in [nil, Self.key] {
                            let status = try await send(method, url + path, bytes, key: key)
                            #expect(status < 500, "\(name): \(method) \(path)")
                        }
                    }
                    let alive = try await send(.GET, url + "/healthz", key: nil)
                    #expect(alive == 200, "after \(name)")
                }
            }
        }
    }

    /// Where an input goes: as a body to each kind of route, and in the places of a query.
    private static func targets(_ bytes: [UInt8]) -> [(HTTPMethod, String)] {
        let id = UUID().uuidString
        let text = String(decoding: bytes.prefix(500), as: UTF8.self)
        let escaped = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return [
            (.POST, "/api/accounts"), (.POST, "/api/workspaces"), (.POST, "/api/tasks"),
            (.POST, "/api/workers/claim"), (.PATCH, "/api/workers/\(id)"),
            (.POST, "/api/workers/\(id)/costs"), (.PATCH, "/api/tasks/\(id)"),
            (.GET, "/api/tasks?cursor=\(escaped)"), (.GET, "/api/tasks?limit=\(escaped)"),
            (.GET, "/api/tasks/\(escaped)"), (.GET, "/api/accounts/me/spend?days=\(escaped)"),
        ]
    }
}
