package import DibsCore
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// One request on its way through a route, its body read and its query known.
package struct Call: Sendable {
    /// What serves it.
    package let service: any DibsService
    /// Its query, every name allowed by the route.
    package let query: Query
    /// Its body, at most `bodyLimit` bytes.
    package let body: [UInt8]
    private let captures: [String: String]
    private let key: Credential?
    private let request: Request

    /// The most bytes a body may have.
    package static let bodyLimit = 2 * 1024 * 1024

    /// Reads a request for a route; throws what is wrong with its key, query or body, in that
    /// order, so that a stranger learns nothing of what a body should look like.
    init(
        _ request: Request, captures: [String: String], route: Route, service: any DibsService
    ) async throws {
        self.service = service
        self.captures = captures
        key = try Self.key(of: request)
        if route.access == .keyOnly, key == nil { throw Self.keyMissing }
        query = try Query(request.uri.query, allowed: route.query)
        var request = request
        body = try await Self.body(of: &request)
        self.request = request
    }

    /// What the caller proves itself with; throws `key_missing` when it came with nothing.
    package var caller: Credential {
        get throws {
            guard let key else { throw Self.keyMissing }
            return key
        }
    }

    /// The id in the path; throws `invalid_id` when it is no UUID.
    package func id<Record>(_ name: String = "id") throws -> Identifier<Record> {
        guard let id = Identifier<Record>(captures[name] ?? "") else {
            throw DibsError.badID(in: name)
        }
        return id
    }

    /// The letters of the path where the template has `{name}`.
    package func capture(_ name: String) -> String { captures[name] ?? "" }

    /// The body as what the route wants.
    package func decode<Body: WireBody>(_ type: Body.Type) throws -> Body {
        try Wire.decode(body: type, from: body)
    }

    /// Checks that the body says nothing.
    package func expectNoBody() throws { try Wire.decodeNothing(from: body) }

    /// Does something long, and cancels it when the caller hangs up.
    ///
    /// The connection cannot be used again afterwards; the answer has to say `Connection: close`.
    package func untilCallerLeaves(
        _ operation: @Sendable @escaping () async throws -> Answer
    ) async throws -> Answer {
        try await request.body.consumeWithCancellationOnInboundClose { _ in
            try await operation()
        }
    }
}

extension Call {
    private static var keyMissing: DibsError {
        DibsError(
            .keyMissing, "The request came without a key.",
            hint: "Send the header `Authorization: Bearer KEY` with your account's key.")
    }

    private static func key(of request: Request) throws -> Credential? {
        guard let header = request.headers[.authorization] else { return nil }
        let words = header.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        let key = Credential(String(words[1]))
        guard request.method == .post, let name = HTTPField.Name("idempotency-key"),
            let once = request.headers[name]
        else { return key }
        guard (1...255).contains(once.utf8.count) else {
            throw DibsError(
                .invalidField, "The Idempotency-Key is too short or too long.",
                details: ["field": "Idempotency-Key"], hint: "Send 1 to 255 characters.")
        }
        return key.once(once)
    }

    private static func body(of request: inout Request) async throws -> [UInt8] {
        let announced = request.headers[.contentLength].flatMap { Int($0) } ?? 0
        guard announced <= bodyLimit else { throw bodyTooLarge }
        do {
            let buffer = try await request.collectBody(upTo: bodyLimit)
            return Array(buffer.readableBytesView)
        } catch is NIOTooManyBytesError {
            throw bodyTooLarge
        } catch {
            throw DibsError(
                .malformedJSON, "The body could not be read to its end.",
                hint: "Send as many bytes as Content-Length says.")
        }
    }

    private static var bodyTooLarge: DibsError {
        DibsError(
            .bodyTooLarge, "The body is too large.", details: ["limit": "\(bodyLimit)"],
            hint: "Send at most 2 MiB; keep larger things elsewhere and send a storageKey.")
    }
}
