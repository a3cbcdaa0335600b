internal import DibsCore
internal import NIOCore
internal import NIOHTTP1

/// The rules by which the end of a request is found (RFC 9112, 6.1 and 6.3).
///
/// The decoder knows `Content-Length` and `chunked`. A request that it would read otherwise than a
/// proxy before it is refused, and never guessed at: its end would be the next one's beginning.
enum RequestFraming {
    /// The error of a request whose end cannot be told, or whose body nobody here can decode.
    static func refusal(of head: HTTPRequestHead) -> DibsError? {
        let name = "transfer-encoding"
        guard head.headers.contains(name: name) else { return nil }
        let codings = head.headers[canonicalForm: name].map { $0.lowercased() }
        let isClear =
            codings.last == "chunked" && codings.count { $0 == "chunked" } == 1
            && head.version == .http1_1 && !head.headers.contains(name: "content-length")
        guard isClear else {
            return DibsError(
                .malformedRequest, "The end of the request cannot be told.",
                hint: "Send a Content-Length, or HTTP/1.1 and Transfer-Encoding: chunked alone.")
        }
        guard codings.count == 1 else {
            return DibsError(
                .unsupportedCoding, "The body has a transfer coding that Dibs does not know.",
                details: ["known": "chunked"], hint: "Send it as it is, chunked or not.")
        }
        return nil
    }
}

/// Cuts a connection off that sends bytes of which no part of a request comes: the extensions of
/// chunks, which the decoder passes over without counting them.
///
/// The framing stands before the decoder; `ConnectionHandler` behind it says what was heard.
final class UnheardBytes: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// More than the largest head that the decoder takes.
    static let limit = 64 * 1024

    private var count = 0
    private var isCut = false

    /// Begins to count anew: the decoder has made something of what came.
    func heard() { count = 0 }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isCut else { return }
        count += Self.unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
        guard count > Self.limit else { return }
        isCut = true
        context.fireErrorCaught(HTTPParserError.invalidChunkSize)
    }
}

@available(*, unavailable)
extension UnheardBytes: Sendable {}
