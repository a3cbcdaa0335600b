import DibsCore
import DibsServer
import DibsTesting
import Logging
import Synchronization
import Testing

@Suite("A stranger is told that it is one, and nothing else", .timeLimit(.minutes(5)))
struct StrangerTests {
    private func head(_ line: String, key: String?, _ more: String = "") -> String {
        let key = key.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        return "\(line) HTTP/1.1\r\nHost: localhost\r\n\(key)\(more)Connection: close\r\n\r\n"
    }

    /// Requests that a known caller is told 400, 405 or 413 for.
    private static let wrong = [
        ("GET /api/tasks?colour=1", ""), ("GET /api/tasks?limit=0", ""), ("GET /api/tasks/x", ""),
        ("PUT /api/tasks", ""), ("POST /api/tasks", "Content-Length: 9999999\r\n"),
        ("POST /api/tasks", "Content-Length: 1\r\n"),
        ("POST /api/tasks", "Transfer-Encoding: chunked\r\n"),
        ("POST /api/tasks/x/cancel", ""), ("PATCH /api/workers/x", "Content-Length: 2\r\n"),
        ("POST /api/tasks", "Idempotency-Key: \(String(repeating: "a", count: 300))\r\n"),
    ]

    @Test(arguments: Door.direct)
    func `before its body has come, and whatever else is wrong`(through door: Door) async throws {
        try await door.open { bed in
            let patience: (inout DoorSettings) -> Void = { $0.patience.drain = .milliseconds(50) }
            try await LiveServer.serving(bed.engine, patience) { server in
                for (line, more) in Self.wrong {
                    let nobody = try await server.say(head(line, key: nil, more))
                    #expect(nobody.statuses == [401], "\(line)")
                    #expect(nobody.contains("key_missing"), "\(line)")
                    let wrong = try await server.say(head(line, key: "dibs_wrong", more))
                    #expect(wrong.statuses == [401], "\(line)")
                    #expect(wrong.contains("key_unknown"), "\(line)")
                }
            }
        }
    }

    @Test(arguments: Door.direct)
    func `a closed account learns no field's name either`(through door: Door) async throws {
        try await door.open { bed in
            let (account, key) = try await bed.account()
            _ = try await bed.service.updateAccount(
                account.id, AccountChange(closed: true), as: bed.admin)
            try await LiveServer.serving(bed.engine) { server in
                let heard = try await server.say(
                    head("POST /api/tasks", key: key.secret, "Content-Length: 2\r\n") + "{}")
                #expect(heard.statuses == [403])
                #expect(heard.contains("account_closed"))
            }
        }
    }

    @Test(arguments: Door.all)
    func `a credential is proved, and says whose it is`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (account, key) = try await bed.account(in: workspace)
            try await bed.task(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            let token = TestBed.secret.workerToken(for: worker.id)
            #expect(
                try await bed.service.prove(key) == CallerIdentity(accountID: account.id))
            var identity = CallerIdentity(accountID: account.id, workerID: worker.id)
            #expect(try await bed.service.prove(token) == identity)
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
            identity.hasEnded = true
            #expect(try await bed.service.prove(token) == identity)
            let unknown = try await bed.code {
                _ = try await bed.service.prove(Credential("dibs_wrong"))
            }
            #expect(unknown == .keyUnknown)
            let forged = try await bed.code {
                _ = try await bed.service.prove(Credential(token.secret + "x"))
            }
            #expect(forged == .keyUnknown)
        }
    }

    @Test(arguments: Door.direct)
    func `an ended worker's token sends a last word about its worker, and nothing else`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let (worker, key) = try await bed.claimedWorker()
            let token = TestBed.secret.workerToken(for: worker.id).secret
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
            try await LiveServer.serving(bed.engine) { server in
                let body = "Content-Length: 14\r\n"
                let late = try await server.say(
                    head("PATCH /api/workers/\(worker.id)", key: token, body)
                        + #"{"progress":1}"#)
                #expect(late.statuses == [409])
                let elsewhere = try await server.say(
                    head("POST /api/workers/claim", key: token, body) + #"{"runner":"r"}"#)
                #expect(elsewhere.statuses == [401])
            }
        }
    }

    @Test(arguments: Door.direct)
    func `many wrong keys are slowed, and a right one works all the while`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let slow: (inout DoorSettings) -> Void = {
                $0.failures.free = 3
                $0.failures.heldByAddress = 0
            }
            let lines = LogLines()
            let (_, key) = try await bed.account()
            try await LiveServer.serving(bed.engine, logger: lines.logger, slow) { server in
                var seen: [Int] = []
                for _ in 0..<5 {
                    seen += try await server.say(
                        head("GET /api/tasks", key: "a-password-of-somebody")
                    ).statuses
                }
                #expect(seen == [401, 401, 401, 429, 429])
                let right = try await server.say(head("GET /api/tasks", key: key.secret))
                #expect(right.statuses == [200])
                let wrong = try await server.say(head("GET /api/tasks", key: "dibs_wrong"))
                #expect(wrong.statuses == [429])
                #expect(wrong.lowercased().contains("retry-after: 60"))
            }
            let warnings = lines.all.filter { $0.hasPrefix("warning") }
            #expect(warnings.count == 4)
            #expect(warnings.allSatisfy { $0.contains("127.0.0.1") && $0.contains("/api/tasks") })
            #expect(!lines.all.contains { $0.contains("password") })
            let requests = lines.all.filter { $0.hasPrefix("info A request was answered.") }
            #expect(requests.count == 7)
            #expect(requests.contains { $0.contains(key.prefix) && $0.contains("127.0.0.1") })
        }
    }
}

/// Collects what is logged.
private final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])

    var all: [String] { lines.withLock { $0 } }

    var logger: Logger {
        Logger(label: "dibs.test") { _ in Handler(lines: self) }
    }

    private struct Handler: LogHandler {
        let lines: LogLines
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let facts = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
            let line = "\(event.level) \(event.message) \(facts.joined(separator: " "))"
            lines.lines.withLock { $0.append(line) }
        }
    }
}
