internal import DibsCore
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1

/// Hummingbird's connections over HTTP/1.1, each counted and kept to its times.
struct DoorChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let base: HTTP1Channel
    private let limits: ConnectionLimits
    private let patience: Patience

    init(
        responder: @escaping HTTPChannelHandler.Responder, limits: ConnectionLimits,
        patience: Patience
    ) {
        base = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 * 1024, maxHeaderListSize: 32 * 1024,
                    maxHeaderFieldCount: 100)))
        (self.limits, self.patience) = (limits, patience)
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let (limits, patience) = (limits, patience)
        let peer = PeerAddress(channel.remoteAddress)
        let admission = limits.admit(peer)
        channel.closeFuture.whenComplete { _ in limits.leave(peer, admission) }
        return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(
                type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let unheard = UnheardBytes()
            try pipeline.addHandler(unheard, position: .before(decoder))
            try pipeline.addHandler(
                ConnectionHandler(
                    patience, unheard, refusal: admission == .served ? nil : Self.full),
                position: .after(decoder))
            if admission == .cut { channel.close(promise: nil) }
            return value
        }
    }

    func handle(value: Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }

    private static let full = DibsError(
        .busy, "There are too many connections, in all or from this address.",
        hint: "Close some, or try again in a moment.")
}
