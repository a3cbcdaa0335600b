import DibsCore
import DibsJSON
import DibsTesting
import NIOCore
import Testing

@testable import DibsServer

@Suite("Large answers are bounded together, and sent to who takes them", .timeLimit(.minutes(5)))
struct LargeAnswerTests {
    private static let memory: JSON = ["x": .string(String(repeating: "x", count: 60_000))]

    /// Workspaces of 60 kB each.
    private func furnish(_ bed: TestBed, _ count: Int, after there: Int = 0) async throws {
        for number in there..<count {
            _ = try await bed.workspace("w\(number)") { $0.memory = Self.memory }
        }
    }

    private func request(_ path: String, of bed: TestBed) -> String {
        """
        GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
        Authorization: Bearer \(bed.admin.secret)\r\n\r\n

        """
    }

    @Test func `a list says the same, however large it is, as its page does`() async throws {
        try await Door.engineOnSQLite.open { bed in
            try await LiveServer.serving(bed.engine) { server in
                var before = 0
                // None, one, one more than a page, and what is written on threads of its own.
                for count in [0, 1, 3, 6] {
                    try await furnish(bed, count, after: before)
                    before = count
                    for limit in [1, 2, 200] {
                        let page = try await bed.service.workspaces(
                            named: nil, PageRequest(limit: limit), as: bed.admin)
                        let said = try Wire.encode(page)
                        let heard = try await server.say(
                            request("/api/workspaces?limit=\(limit)", of: bed))
                        #expect(heard.statuses == [200])
                        #expect(heard.hasSuffix("\r\n\r\n" + String(decoding: said, as: UTF8.self)))
                    }
                }
            }
        }
    }

    @Test func `a list that finds no room is refused while it is written`() async throws {
        try await Door.engineOnSQLite.open { bed in
            try await furnish(bed, 6)
            let small: (inout DoorSettings) -> Void = { $0.answerBytes = 400_000 }
            try await LiveServer.serving(bed.engine, small) { server in
                let large = try await server.say(request("/api/workspaces", of: bed))
                #expect(large.statuses == [503] && large.contains("\"code\":\"busy\""))
                // What it had set aside is free again.
                for _ in 0..<5 {
                    let less = try await server.say(request("/api/workspaces?limit=1", of: bed))
                    #expect(less.statuses == [200])
                }
            }
        }
    }

    @Test func `bytes set aside grow and shrink, or stay as they were`() throws {
        let budget = ByteBudget(limit: 100, share: 60)
        let mine = try budget.reserve(10, for: "a")
        try mine.resize(to: 60)
        #expect(budget.held == 60 && mine.count == 60)
        #expect(throws: DibsError.self) { try mine.resize(to: 61) }
        let other = try budget.reserve(40, for: "b")
        #expect(throws: DibsError.self) { try other.resize(to: 41) }
        #expect(mine.count == 60 && other.count == 40)
        try mine.resize(to: 20)
        try other.resize(to: 60)
        #expect(budget.held == 80)
    }

    /// The answer is larger than what the systems of both ends keep for a connection.
    @Test func `who does not read its answer is cut off`() async throws {
        try await Door.engineOnSQLite.open { bed in
            try await furnish(bed, 200)
            let short: (inout DoorSettings) -> Void = {
                $0.patience.answer = .milliseconds(100)
                // One address has half of them: a second one comes in once the first is cut.
                $0.connections = 2
            }
            try await LiveServer.serving(bed.engine, short) { server in
                let slow = try await server.connect(receiving: 4096)
                try await slow.executeThenClose { inbound, outbound in
                    let asked = request("/api/workspaces?limit=200", of: bed)
                    try await outbound.write(ByteBuffer(string: asked))
                    while try await server.say(request("/healthz", of: bed)).statuses != [200] {}
                    var heard = 0
                    do {
                        for try await part in inbound { heard += part.readableBytes }
                    } catch is IOError {
                        // A reset ends the connection, too.
                    }
                    #expect((1..<200 * 60_000).contains(heard))
                }
            }
        }
    }
}
