internal import DibsCore
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Keeps one connection to its times, ends it in good order, and speaks the parts of HTTP/1.1 that
/// lie below requests: `Connection`, `Expect`, and requests that cannot be parsed.
///
/// The handler stands between NIO's HTTP decoder and the server. What the connection is at is
/// `ConnectionFlow`'s; here are the timers, the bytes and the socket.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Sent down the pipeline when the body of a request is about to be read.
    struct BodyIsWanted: Sendable {}

    private let patience: Patience
    private let unheard: UnheardBytes
    private let refusal: DibsError?
    private var flow: ConnectionFlow
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    private var isAnswering = false
    private var unsent = 0

    /// A connection that is served; or answered with `refusal` and closed.
    init(_ patience: Patience, _ unheard: UnheardBytes, refusal: DibsError? = nil) {
        (self.patience, self.unheard, self.refusal) = (patience, unheard, refusal)
        flow = ConnectionFlow(drainLimit: patience.drainedBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { opened(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        opened(context)
        context.fireChannelActive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stopTimers() }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimers()
        context.fireChannelInactive()
    }

    private func opened(_ context: ChannelHandlerContext) {
        expect(context, within: patience.firstHead)
        if let refusal, flow.garbage() == .answer { answer(context, refusal) }
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = Self.unwrapInboundIn(data)
        unheard.heard()
        let inbound: ConnectionFlow.Inbound
        var passed = part
        switch part {
        case .head(let head):
            if let refusal = RequestFraming.refusal(of: head) {
                refuse(context, refusal, HTTPParserError.unexpectedContentLength)
                return
            }
            let expects = head.headers["expect"].contains { $0.lowercased() == "100-continue" }
            inbound = flow.head(
                mayGoOn: head.isKeepAlive, wantsContinue: expects && head.version != .http1_0)
            if inbound == .pass {
                expect(context, within: patience.request)
                passed = .head(Self.withOneHost(head))
            }
        case .body(let bytes): inbound = flow.body(bytes.readableBytes)
        case .end:
            inbound = flow.end()
            if inbound == .pass { reading?.cancel() }
        }
        switch inbound {
        case .pass: context.fireChannelRead(Self.wrapInboundOut(passed))
        case .drop: break
        case .close: context.close(promise: nil)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        // The server above reads no more once it has answered.
        if flow.isDraining { context.read() }
    }

    /// The name a request is sent to, as a `Host` alone: of an absolute target it is the target's
    /// (RFC 9112, 3.2.2), and HTTP/1.0 need not say one.
    private static func withOneHost(_ head: HTTPRequestHead) -> HTTPRequestHead {
        var head = head
        if let scheme = head.uri.range(of: "://"), !head.uri.hasPrefix("/") {
            let authority = head.uri[scheme.upperBound...].prefix { !"/?#".contains($0) }
            head.headers.replaceOrAdd(name: "host", value: String(authority))
        } else if head.version == .http1_0, !head.headers.contains(name: "host") {
            head.headers.add(name: "host", value: "localhost")
        }
        return head
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        refuse(context, Self.refusal(of: error), error)
    }

    /// Answers what is no request, or has it answered behind those that wait for their answers.
    private func refuse(
        _ context: ChannelHandlerContext, _ refusal: DibsError, _ error: HTTPParserError
    ) {
        switch flow.garbage() {
        case .answer: answer(context, refusal)
        case .pass: context.fireErrorCaught(error)
        case .drop: break
        }
    }

    private static func refusal(of error: HTTPParserError) -> DibsError {
        if case .headerOverflow = error {
            return DibsError(
                .headersTooLarge, "The target or the headers are too large.",
                hint: "Send at most 16 KiB a header, 32 KiB and 100 headers in all.")
        }
        return DibsError(
            .malformedRequest, "That is no request of HTTP/1.1.",
            details: ["reason": "\(error)"], hint: "Speak plain HTTP to this port.")
    }

    // MARK: Answers

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard event is BodyIsWanted else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        if flow.mayContinue() {
            let head = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(Self.wrapOutboundOut(.head(head)), promise: nil)
        }
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .head(let head): begin(context, head, promise)
        case .body(let body):
            guard isAnswering else {
                promise?.fail(ChannelError.ioOnClosedChannel)
                return
            }
            context.write(Self.wrapOutboundOut(.body(body)), promise: promise)
        case .end(let trailers): end(context, trailers, promise)
        }
    }

    private func begin(
        _ context: ChannelHandlerContext, _ head: HTTPResponseHead,
        _ promise: EventLoopPromise<Void>?
    ) {
        var head = head
        let asked = head.headers[canonicalForm: "connection"].contains { $0 == "close" }
        switch flow.beginAnswer(asksToClose: asked) {
        case .drop:
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        case .passAndClose: head.headers.replaceOrAdd(name: "Connection", value: "close")
        case .pass: break
        }
        isAnswering = true
        unsent += 1
        if writing == nil { writing = timer(context, after: patience.answer) }
        context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
    }

    private func end(
        _ context: ChannelHandlerContext, _ trailers: HTTPHeaders?,
        _ promise: EventLoopPromise<Void>?
    ) {
        guard isAnswering else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        isAnswering = false
        let isLast = flow.endAnswer()
        let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.assumeIsolated().whenSuccess { self.sent(context, last: isLast) }
        context.write(Self.wrapOutboundOut(.end(trailers)), promise: sent)
        if isLast { context.flush() }
    }

    private func sent(_ context: ChannelHandlerContext, last: Bool) {
        unsent -= 1
        if unsent == 0 {
            writing?.cancel()
            writing = nil
        }
        switch flow.sent(last: last) {
        case .nextHead: expect(context, within: patience.nextHead)
        case .nothing: break
        case .close: context.close(promise: nil)
        case .drain:
            expect(context, within: patience.drain)
            context.close(mode: .output, promise: nil)
            context.read()
        }
    }

    /// Answers by itself, and ends the connection.
    private func answer(_ context: ChannelHandlerContext, _ error: DibsError) {
        let answer = Answer.problem(error, now: Date())
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: answer.status),
            headers: HTTPHeaders(answer.fields))
        begin(context, head, nil)
        let body = IOData.byteBuffer(ByteBuffer(bytes: answer.body))
        context.write(Self.wrapOutboundOut(.body(body)), promise: nil)
        end(context, nil, nil)
    }

    // MARK: Times

    /// Waits for what must come from the client next, and for nothing else.
    private func expect(_ context: ChannelHandlerContext, within time: Duration) {
        reading?.cancel()
        reading = timer(context, after: time)
    }

    private func timer(
        _ context: ChannelHandlerContext, after time: Duration
    ) -> Scheduled<Void> {
        context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(time)) {
            context.close(promise: nil)
        }
    }

    private func stopTimers() {
        reading?.cancel()
        writing?.cancel()
        (reading, writing) = (nil, nil)
    }
}

@available(*, unavailable)
extension ConnectionHandler: Sendable {}
