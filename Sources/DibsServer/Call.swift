package import DibsCore
internal import HTTPTypes
internal import Hummingbird

/// One request on its way through a route, its body read and its query known.
package struct Call: Sendable {
    /// The service that answers it.
    package let service: any DibsService
    /// Its query, every name allowed by the route.
    package let query: Query
    /// Its body, at most 2 MiB.
    package var body: [UInt8] { held.bytes }
    private let captures: [String: String]
    private let key: Credential?
    private let request: Request
    private let held: BodyReader.Body
    private let gate: Gate
    private let visit: Visit

    /// Whether it is parsed on threads of its own; see `SmallPool`.
    var isLarge: Bool { body.count > BodyReader.small }

    /// Reads a request for a route.
    ///
    /// Throws what is wrong with its key, query or body, in that order. The caller is proved before
    /// the first byte of a body is read.
    init(
        _ request: Request, captures: [String: String], route: Route, gate: Gate, visit: Visit
    ) async throws {
        (service, self.gate, self.captures, self.visit) = (gate.service, gate, captures, visit)
        key = try Self.once(visit.credential, request)
        if route.access != .anyone, key == nil { throw Bearer.missing }
        query = try Query(request.uri.query, allowed: route.query)
        var request = request
        if route.access != .anyone, BodyReader.isAnnounced(in: request.headers) {
            let worker = route.access == .lateWorker ? captures["id"] : nil
            let caller = try await gate.prove(visit, late: worker.flatMap { Identifier($0) })
            held = try await BodyReader(budget: gate.bodies).read(
                &request, of: caller, on: visit.channel)
        } else {
            held = BodyReader.Body(bytes: [], reservation: nil)
        }
        self.request = request
    }

    /// The caller's credential; throws `key_missing` when it came with nothing.
    package var caller: Credential {
        get throws {
            guard let key else { throw Bearer.missing }
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
    /// Asks the service whether it can serve, within the limit of `/readyz`.
    func checkReadiness() async throws { try await gate.readiness.check(service) }

    /// Sets bytes of the answer aside for its caller; throws `busy` when there are too few left.
    func holdBytesOfAnswer(_ count: Int) throws -> ByteBudget.Reservation {
        try gate.answers.reserve(count, for: visit.name)
    }

    /// Runs what may wait for some seconds, within those and the limit of a request.
    func within<Value: Sendable>(
        _ seconds: Int, _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await Deadline.run(
            within: gate.settings.request + .seconds(max(0, min(seconds, 3600))),
            orThrow: Deadline.ofWrite, operation)
    }

    /// The credential with the name under which the request counts once.
    private static func once(_ key: Credential?, _ request: Request) throws -> Credential? {
        guard let key, request.method == .post, let name = HTTPField.Name("idempotency-key"),
            let once = request.headers[name]
        else { return key }
        guard (1...255).contains(once.utf8.count) else {
            throw DibsError(
                .invalidField, "The Idempotency-Key is too short or too long.",
                details: ["field": "Idempotency-Key"], hint: "Send 1 to 255 characters.")
        }
        return key.once(once)
    }
}
