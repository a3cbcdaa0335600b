import DibsClient
import DibsCore
import DibsTesting
import NIOCore
import Testing

@testable import DibsServer

@Suite("A connection has its times, and there are so many", .timeLimit(.minutes(5)))
struct ConnectionTests {
    private static let head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"

    private func nowhere() throws -> HTTPDibsService {
        try HTTPDibsService("http://127.0.0.1:1")
    }

    @Test func `who says nothing, or half a head, is cut off`() async throws {
        let short: (inout DoorSettings) -> Void = { $0.patience.firstHead = .milliseconds(50) }
        try await LiveServer.serving(nowhere(), short) { server in
            for said in ["", "GET /healthz HTTP/1.1\r\nHo"] {
                let heard = try await server.say(said)
                #expect(heard.isEmpty)
            }
        }
    }

    @Test func `who asks no more is cut off`() async throws {
        let short: (inout DoorSettings) -> Void = { $0.patience.nextHead = .milliseconds(50) }
        try await LiveServer.serving(nowhere(), short) { server in
            let one = try await server.say(Self.head)
            #expect(one.statuses == [200])
            // At once: between two writes a loaded machine may take longer than the time it has.
            let two = try await server.say(Self.head + Self.head)
            #expect(two.statuses == [200, 200])
        }
    }

    @Test func `who sends half a body is cut off`() async throws {
        let short: (inout DoorSettings) -> Void = { $0.patience.request = .milliseconds(100) }
        try await Door.engineOnSQLite.open { bed in
            try await LiveServer.serving(bed.engine, short) { server in
                let heard = try await server.say(
                    """
                    POST /api/tasks HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\
                    Authorization: Bearer \(bed.admin.secret)\r\n\r\n{
                    """)
                #expect(heard.isEmpty)
                #expect(try await server.isAlive())
            }
        }
    }

    @Test func `one address has half of all connections, and is told so`() async throws {
        let few: (inout DoorSettings) -> Void = { $0.connections = 4 }
        try await LiveServer.serving(nowhere(), few) { server in
            let first = try await server.connect()
            try await first.executeThenClose { inbound, outbound in
                try await outbound.write(ByteBuffer(string: Self.head))
                var parts = inbound.makeAsyncIterator()
                _ = try await parts.next()
                let second = try await server.connect()
                try await second.executeThenClose { inbound, outbound in
                    try await outbound.write(ByteBuffer(string: Self.head))
                    var parts = inbound.makeAsyncIterator()
                    _ = try await parts.next()
                    let third = try await server.say(Self.head)
                    #expect(third.statuses == [503])
                    #expect(third.lowercased().contains("retry-after: 1\r\n"))
                    #expect(third.contains("too many connections"))
                }
            }
        }
    }

    @Test func `a trusted proxy has all of them, and what has left is free again`() throws {
        let block = try #require(AddressBlock("10.0.0.0/8"))
        let limits = ConnectionLimits(inAll: 4, proxies: TrustedProxies(blocks: [block]))
        let (one, proxy) = (PeerAddress("192.0.2.1"), PeerAddress("10.1.2.3"))
        #expect(limits.admit(one) == .served && limits.admit(one) == .served)
        #expect(limits.admit(one) == .told)
        #expect(limits.admit(proxy) == .served && limits.admit(proxy) == .served)
        #expect(limits.admit(proxy) == .told)
        limits.leave(proxy, .served)
        #expect(limits.admit(one) == .told)
        #expect(limits.admit(PeerAddress("192.0.2.2")) == .served)
        limits.leave(one, .served)
        limits.leave(one, .told)
        #expect(limits.admit(one) == .served)
    }

    @Test func `addresses of one subscriber count as one`() {
        let limits = ConnectionLimits(inAll: 4, proxies: TrustedProxies(blocks: []))
        #expect(limits.admit(PeerAddress("2001:db8::1")) == .served)
        #expect(limits.admit(PeerAddress("2001:db8::2")) == .served)
        #expect(limits.admit(PeerAddress("2001:db8::3")) == .told)
        #expect(limits.admit(PeerAddress("2001:db8:0:1::3")) == .served)
    }

    @Test func `a few that are too many are told so, and the rest is cut`() {
        let limits = ConnectionLimits(inAll: 1, proxies: TrustedProxies(blocks: []))
        #expect(limits.admit(nil) == .served)
        #expect((0..<100).filter { _ in limits.admit(nil) == .told }.count == 32)
        #expect(limits.admit(nil) == .cut)
    }

    @Test func `there are fewer connections than descriptors`() {
        let all = Descriptors.connections(atMost: 1_000_000)
        #expect((1...65_536).contains(all))
        #expect(Descriptors.connections(atMost: 7) == 7)
    }
}

@Suite("What a connection is at decides whether it goes on")
struct ConnectionFlowTests {
    /// A connection on which a request has come, whole or not.
    private func flow(
        mayGoOn: Bool = true, wantsContinue: Bool = false, isWhole: Bool = true
    ) -> ConnectionFlow {
        var flow = ConnectionFlow(drainLimit: 100)
        _ = flow.head(mayGoOn: mayGoOn, wantsContinue: wantsContinue)
        if isWhole { _ = flow.end() }
        return flow
    }

    @Test func `it goes on after a whole request`() {
        var flow = flow(isWhole: false)
        let request = [flow.body(7), flow.end()]
        let (begin, isLast) = (flow.beginAnswer(asksToClose: false), flow.endAnswer())
        let next = flow.sent(last: isLast)
        #expect(request == [.pass, .pass] && begin == .pass && !isLast && next == .nextHead)
    }

    @Test(arguments: [(false, false), (true, true)])
    func `it ends when the client or the answer says so`(mayGoOn: Bool, asks: Bool) {
        var flow = flow(mayGoOn: mayGoOn)
        let (begin, isLast) = (flow.beginAnswer(asksToClose: asks), flow.endAnswer())
        #expect(begin == .passAndClose && isLast)
        let more = flow.head(mayGoOn: true, wantsContinue: false)
        let again = flow.beginAnswer(asksToClose: false)
        let next = flow.sent(last: isLast)
        #expect(more == .drop && again == .drop && next == .close)
    }

    @Test func `an answer before the whole request is the last, and the rest is drained`() {
        var flow = flow(isWhole: false)
        let (begin, isLast) = (flow.beginAnswer(asksToClose: false), flow.endAnswer())
        let next = flow.sent(last: isLast)
        #expect(begin == .passAndClose && isLast && next == .drain && flow.isDraining)
        let rest = [flow.body(60), flow.body(60), flow.end()]
        #expect(rest == [.drop, .close, .close])
    }

    @Test func `a second request that still comes does not end the first one's connection`() {
        var flow = flow()
        _ = flow.head(mayGoOn: true, wantsContinue: false)
        let (first, isLast) = (flow.beginAnswer(asksToClose: false), flow.endAnswer())
        let next = flow.sent(last: isLast)
        let second = flow.beginAnswer(asksToClose: false)
        #expect(first == .pass && !isLast && next == .nothing && second == .passAndClose)
    }

    @Test func `a client is told to go on once, and only when it waits`() {
        var waiting = flow(wantsContinue: true, isWhole: false)
        let told = [waiting.mayContinue(), waiting.mayContinue()]
        #expect(told == [true, false])
        var sending = flow(wantsContinue: true, isWhole: false)
        _ = sending.body(1)
        let late = sending.mayContinue()
        #expect(!late)
    }

    @Test func `what is no request is answered here, unless another one is before it`() {
        var busy = flow()
        let behind = busy.garbage()
        var idle = ConnectionFlow(drainLimit: 100)
        let alone = idle.garbage()
        let (begin, isLast) = (idle.beginAnswer(asksToClose: false), idle.endAnswer())
        let again = idle.garbage()
        #expect(behind == .pass && alone == .answer && again == .drop)
        #expect(begin == .passAndClose && isLast)
    }

    @Test func `behind what is no request is none`() {
        for isBusy in [true, false] {
            var flow = isBusy ? flow() : ConnectionFlow(drainLimit: 100)
            _ = flow.garbage()
            let rest = [
                flow.body(60), flow.end(), flow.head(mayGoOn: true, wantsContinue: false),
                flow.body(60),
            ]
            #expect(rest == [.drop, .drop, .drop, .close])
        }
    }
}
