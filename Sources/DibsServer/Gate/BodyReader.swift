internal import DibsCore
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Reads the body of a request whose caller is proved.
///
/// The first kibibytes are free, so that claims and reports always get in. A larger body sets its
/// bytes aside first, in a budget for all, of which an account gets a quarter.
struct BodyReader: Sendable {
    /// The most bytes a body may have.
    static let limit = 2 * 1024 * 1024
    /// The bytes that need no budget, and that are parsed on Swift's own threads.
    static let small = 16 * 1024

    /// A body, and the budget it holds while it is there.
    struct Body: Sendable {
        let bytes: [UInt8]
        let reservation: ByteBudget.Reservation?
    }

    let budget: ByteBudget

    /// Whether a request says that a body follows.
    static func isAnnounced(in headers: HTTPFields) -> Bool {
        if headers[.transferEncoding] != nil { return true }
        return headers[.contentLength].map { $0 != "0" } ?? false
    }

    /// Reads it; throws `body_too_large`, `busy`, or `malformed_json` when it breaks off.
    func read(
        _ request: inout Request, of caller: CallerIdentity, on channel: any Channel
    ) async throws -> Body {
        let announced = request.headers[.contentLength].map { Int($0) ?? .max }
        if let announced, announced > Self.limit { throw Self.tooLarge }
        let holder = "\(caller.accountID)"
        var reservation =
            try announced.flatMap { count in
                count > Self.small ? try budget.reserve(count, for: holder) : nil
            }
        if request.headers.contains(.expect) {
            channel.triggerUserOutboundEvent(ConnectionHandler.BodyIsWanted(), promise: nil)
        }
        var read = ByteBuffer()
        do {
            for try await part in request.body {
                let count = read.readableBytes + part.readableBytes
                guard count <= Self.limit else { throw Self.tooLarge }
                if count > Self.small, reservation == nil {
                    reservation = try budget.reserve(Self.limit, for: holder)
                }
                read.writeImmutableBuffer(part)
            }
        } catch let error as DibsError {
            throw error
        } catch {
            throw DibsError(
                .malformedJSON, "The body could not be read to its end.",
                hint: "Send as many bytes as Content-Length says.")
        }
        request.body = RequestBody(buffer: read)
        return Body(bytes: Array(read.readableBytesView), reservation: reservation)
    }

    private static let tooLarge = DibsError(
        .bodyTooLarge, "The body is too large.", details: ["limit": "\(limit)"],
        hint: "Send at most 2 MiB; keep larger things elsewhere and send a storageKey.")

}
