internal import DibsCore
internal import DibsJSON
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// What a route answers: a status, its own headers, and JSON.
package struct Answer: Sendable, Hashable {
    /// 200…599.
    package var status: Int
    /// Headers by name, beside those that every answer has.
    package var headers: [String: String] = [:]
    /// The media type of the body.
    package var mediaType = "application/json"
    /// JSON text in UTF-8.
    package var body: [UInt8]

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
        if let seconds = error.code.retryAfterSeconds { return String(seconds) }
        guard let text = error.details["resetsAt"], let moment = Date(rfc3339: text) else {
            return nil
        }
        return String(max(1, Int(saturating: moment.timeIntervalSince(now).rounded(.up))))
    }

    /// The same in hummingbird's words.
    ///
    /// Nothing of ours may be cached: it holds keys and tasks.
    var response: Response {
        var fields = HTTPFields()
        for (name, value) in headers {
            if let name = HTTPField.Name(name) { fields[name] = value }
        }
        fields[.cacheControl] = "no-store"
        guard !body.isEmpty else {
            return Response(status: .init(code: status), headers: fields)
        }
        fields[.contentType] = mediaType
        return Response(
            status: .init(code: status), headers: fields,
            body: .init(byteBuffer: ByteBuffer(bytes: body)))
    }
}
