import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A moment that a test moves.
final class Moment: Sendable {
    private let moment = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant { moment.withLock { $0 } }

    func advance(_ duration: Duration) { moment.withLock { $0 += duration } }
}

/// Listens, answers nothing, and counts who connects, until the body ends and somebody has.
func withHangingServer(_ body: (_ address: String) async throws -> Void) async throws -> Int {
    let asked = AsyncStream.makeStream(of: Void.self)
    return try await withCannedServer(nil, onConnect: { asked.continuation.yield() }) { address in
        try await body(address)
        for await _ in asked.stream { break }
    }
}

/// Answers the first bytes of every connection with a text, or never, and counts who connects.
///
/// With TLS it is called localhost.
func withCannedServer(
    _ answer: String?, tls: NIOSSLContext? = nil,
    onConnect: @escaping @Sendable () -> Void = {},
    _ body: (_ address: String) async throws -> Void
) async throws -> Int {
    let connections = Connections()
    let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
        .childChannelInitializer { channel in
            connections.count.withLock { $0 += 1 }
            onConnect()
            return channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                try pipeline.addHandler(CannedAnswer(answer))
            }
        }
        .bind(host: "127.0.0.1", port: 0).get()
    do {
        let port = server.localAddress?.port ?? 0
        try await body(tls == nil ? "http://127.0.0.1:\(port)" : "https://localhost:\(port)")
        try await server.close()
    } catch {
        try await server.close()
        throw error
    }
    return connections.count.withLock { $0 }
}

private final class Connections: Sendable {
    let count = Mutex(0)
}

private final class CannedAnswer: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let answer: String?

    init(_ answer: String?) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let answer else { return }
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
        context.close(mode: .output, promise: nil)
    }
}
