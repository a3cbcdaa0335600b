internal import DibsCore
internal import DibsJSON
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// The answer of a route: a status, its own headers, and JSON.
package struct Answer: Sendable, Hashable {
    /// 200…599.
    package var status: Int
    /// Headers by name, beside those that every answer has.
    package var headers: [String: String] = [:]
    /// The media type of the body.
    package var mediaType = "application/json"
    /// JSON text in UTF-8.
    package var body: [UInt8]
    /// The bytes set aside for a body that grew while it was written.
    var held: ByteBudget.Reservation?

    /// 200 and a value.
    package static func ok(_ value: some Encodable) throws -> Answer {
        Answer(status: 200, body: try Wire.encode(value))
    }

    /// 201, the thing that was made, and where it is.
    package static func made(_ value: some Encodable, at path: String) throws -> Answer {
        Answer(status: 201, headers: ["Location": path], body: try Wire.encode(value))
    }

    /// 204: it is done, and there is nothing to say.
    package static let done = Answer(status: 204, body: [])

    /// An error as problem+json, with the headers its status asks for.
    ///
    /// `now` is for `Retry-After` of a limit that ends at a time.
    static func problem(_ error: DibsError, now: Date) -> Answer {
        let status = error.code.httpStatus
        let body = Problem(error, status: status).bytes
        var answer = Answer(status: status, mediaType: Problem.mediaType, body: body)
        switch status {
        case 401: answer.headers["WWW-Authenticate"] = "Bearer"
        case 405: answer.headers["Allow"] = error.details["allow"]
        case 429, 503: answer.headers["Retry-After"] = retryAfter(error, now: now)
        default: break
        }
        return answer
    }

    private static func retryAfter(_ error: DibsError, now: Date) -> String? {
        if let text = error.details["resetsAt"], let moment = Date(rfc3339: text) {
            let seconds = moment.timeIntervalSince(now).rounded(.up)
            return String(Int(min(max(1, seconds), 86_400)))
        }
        return error.code.retryAfterSeconds.map { String($0) }
    }

    /// Its own headers and those that every answer has.
    ///
    /// Nothing of ours may be cached: it holds keys and tasks. Nothing of it is a page, so that a
    /// browser is told to run, frame, sniff or embed none of it.
    var fields: [(String, String)] {
        var fields = headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        fields += [
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            ("Cross-Origin-Resource-Policy", "same-origin"),
            ("Referrer-Policy", "no-referrer"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if !body.isEmpty { fields.append(("Content-Type", mediaType)) }
        if status != 204 { fields.append(("Content-Length", "\(body.count)")) }
        return fields
    }

    /// The same in hummingbird's words.
    ///
    /// A large answer sets its bytes aside in a budget for all, unless it has done so while it was
    /// written, and is sent piece by piece as the client takes it; throws `busy` when the budget is
    /// spent.
    func response(_ budget: ByteBudget, for holder: String) throws -> Response {
        var headers = HTTPFields()
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        let status = HTTPResponse.Status(code: status)
        let buffer = ByteBuffer(bytes: body)
        guard body.count > Self.piece else {
            return Response(status: status, headers: headers, body: .init(byteBuffer: buffer))
        }
        let reservation = try held ?? budget.reserve(body.count, for: holder)
        try reservation.resize(to: body.count)
        let pieces = ResponseBody(contentLength: body.count) { writer in
            var rest = buffer
            while let piece = rest.readSlice(length: min(Self.piece, rest.readableBytes)),
                piece.readableBytes > 0
            {
                try await writer.write(piece)
            }
            try await writer.finish(nil)
            withExtendedLifetime(reservation) {}
        }
        return Response(status: status, headers: headers, body: pieces)
    }

    /// Bytes that are sent at once, and that need no budget.
    static let piece = 64 * 1024
}
