import NIOCore
import NIOPosix
import Synchronization

/// A proxy that takes CONNECT, notes what was asked, and leads to one port of this machine.
final class TunnelProxy: Sendable {
    private let heads = Mutex<[String]>([])

    /// The first line and the headers of each request that it got.
    var asked: [String] { heads.withLock { $0 } }

    /// Runs while the closure does; with a refusal it answers that and leads nowhere.
    static func running(
        to target: Int, refusing refusal: String? = nil,
        _ body: (_ proxy: TunnelProxy, _ port: Int) async throws -> Void
    ) async throws {
        let proxy = TunnelProxy()
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.autoRead, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Tunnel(proxy, to: target, refusing: refusal))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do {
            try await body(proxy, server.localAddress?.port ?? 0)
            try await server.close()
        } catch {
            try await server.close()
            throw error
        }
    }

    fileprivate func note(_ head: String) { heads.withLock { $0.append(head) } }
}

private final class Tunnel: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let proxy: TunnelProxy
    private let target: Int
    private let refusal: String?
    private var heard = ByteBuffer()
    private var beyond: (any Channel)?
    private var isOpen = false

    init(_ proxy: TunnelProxy, to target: Int, refusing refusal: String?) {
        (self.proxy, self.target, self.refusal) = (proxy, target, refusal)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        if let beyond {
            beyond.writeAndFlush(bytes, promise: nil)
            return
        }
        heard.writeImmutableBuffer(bytes)
        guard !isOpen, String(buffer: heard).hasSuffix("\r\n\r\n") else { return }
        isOpen = true
        proxy.note(String(buffer: heard))
        guard refusal == nil else { return answer(refusal ?? "", context) }
        open(context)
    }

    private func open(_ context: ChannelHandlerContext) {
        let back = context.channel
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        ClientBootstrap(group: context.eventLoop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Back(to: back))
                }
            }
            .connect(host: "127.0.0.1", port: target)
            .whenSuccess { channel in
                let (tunnel, context) = bound.value
                tunnel.beyond = channel
                tunnel.answer("HTTP/1.1 200 Connected\r\n\r\n", context)
            }
    }

    private func answer(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(Self.wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { beyond?.close(promise: nil) }
}

/// What comes back from where the tunnel leads.
private final class Back: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let channel: any Channel

    init(to channel: any Channel) { self.channel = channel }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        channel.writeAndFlush(Self.unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { channel.close(promise: nil) }
}
