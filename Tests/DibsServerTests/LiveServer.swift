import DibsCore
import DibsServer
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// A server on a port of its own, and the bytes one can send it.
struct LiveServer: Sendable {
    let port: Int

    /// Serves while the closure runs.
    static func serving<T>(
        _ service: any DibsService, host: String = "127.0.0.1", logger: Logger? = nil,
        _ change: (inout DoorSettings) -> Void = { _ in },
        _ body: (LiveServer) async throws -> T
    ) async throws -> T {
        var settings = DoorSettings()
        settings.failures.delay = .zero
        change(&settings)
        var quiet = Logger(label: "dibs.test")
        quiet.logLevel = .critical
        let ports = AsyncStream.makeStream(of: Int.self)
        let server = DibsServer(
            service, host: host, port: 0, settings: settings, logger: logger ?? quiet
        ) { port in
            ports.continuation.yield(port)
        }
        let running = Task { try await server.run() }
        defer { running.cancel() }
        var bound = ports.stream.makeAsyncIterator()
        guard let port = await bound.next() else { throw CancellationError() }
        return try await body(LiveServer(port: port))
    }

    /// Sends texts one after the other as bytes, and answers all that comes until the server ends
    /// the connection.
    func say(_ texts: String..., thenClose: Bool = false) async throws -> String {
        try await say(texts.map { Array($0.utf8) }, thenClose: thenClose)
    }

    /// The same with any bytes.
    func say(_ pieces: [[UInt8]], thenClose: Bool = false) async throws -> String {
        let channel = try await connect()
        return try await channel.executeThenClose { inbound, outbound in
            for piece in pieces {
                // Whoever is cut off while it sends still reads what was said before.
                try? await outbound.write(ByteBuffer(bytes: piece))
            }
            if thenClose { outbound.finish() }
            var heard = ByteBuffer()
            do {
                for try await part in inbound { heard.writeImmutableBuffer(part) }
            } catch is IOError {
                // A reset ends the connection, too.
            }
            return String(buffer: heard)
        }
    }

    /// A connection of its own; of what comes the system keeps about so many bytes.
    func connect(
        receiving bytes: Int? = nil
    ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        var bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
        if let bytes {
            bootstrap = bootstrap.channelOption(
                ChannelOptions.socketOption(.so_rcvbuf),
                value: ChannelOptions.Types.SocketOption.Value(bytes))
        }
        return try await bootstrap.connect(host: "127.0.0.1", port: port) { channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel(
                    wrappingChannelSynchronously: channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true))
            }
        }
    }

    /// Whether it still answers.
    func isAlive() async throws -> Bool {
        try await say("GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .hasPrefix("HTTP/1.1 200 OK\r\n")
    }
}

extension String {
    /// The statuses of the answers in what a server said, in order.
    var statuses: [Int] {
        matches(of: #/HTTP/1\.1 ([0-9]{3}) /#).compactMap { Int($0.output.1) }
    }
}
