internal import DibsCore
internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// Decides, for each request, whether it comes in and how much it is told.
///
/// A stranger is told that it is one, and nothing else: before a body is read, and before anything
/// is said about what a request should look like, the caller is proved. A request without a body
/// that goes well is proved by the service alone, so that it costs no second look.
struct Gate: Sendable {
    let service: any DibsService
    let settings: DoorSettings
    let hosts: HostCheck
    let proxies: TrustedProxies
    let failures: FailedKeys
    let readiness: Readiness
    let bodies = ByteBudget(limit: 64 << 20, share: 16 << 20)
    let answers: ByteBudget
    let logger: Logger

    init(
        _ service: any DibsService, listeningOn host: String, _ settings: DoorSettings,
        logger: Logger
    ) {
        (self.service, self.settings, self.logger) = (service, settings, logger)
        hosts = HostCheck(listeningOn: host, allowed: settings.allowedHosts)
        proxies = TrustedProxies(blocks: settings.trustedProxies)
        failures = FailedKeys(settings.failures)
        readiness = Readiness(limit: settings.readiness)
        answers = ByteBudget(limit: settings.answerBytes, share: settings.answerBytes / 2)
    }

    /// The longest target, path and query together, that is read.
    private static let targetLimit = 8 * 1024

    /// Throws what is wrong with a request whoever sends it: its target or host.
    func check(_ request: Request) throws {
        guard (request.head.path ?? "").utf8.count <= Self.targetLimit else {
            throw DibsError(
                .urlTooLong, "The path and query are too long.",
                details: ["limit": "\(Self.targetLimit)"], hint: "Send at most 8 KiB.")
        }
        try hosts.check(request.head)
    }

    /// Proves who sends a request, once; throws `key_missing`, `key_unknown` or `account_closed`.
    ///
    /// `late` is the worker about whom the request is, when an ended worker may still make it.
    @discardableResult
    func prove(
        _ visit: Visit, late worker: Identifier<Worker>? = nil
    ) async throws -> CallerIdentity {
        if let caller = visit.caller { return caller }
        guard let credential = visit.credential else { throw Bearer.missing }
        let service = service
        let caller = try await Deadline.run(within: settings.request, orThrow: Deadline.ofRead) {
            try await service.prove(credential)
        }
        guard !caller.hasEnded || caller.workerID == worker else { throw Bearer.ended }
        visit.caller = caller
        return caller
    }

    /// The error that a caller is told: for a stranger, that it is one, where the error would tell
    /// what a request should look like.
    func told(_ error: DibsError, to visit: Visit, isOpen: Bool) async -> DibsError {
        guard !isOpen, Self.tellsOfForm(error.code), visit.caller == nil else { return error }
        do {
            try await prove(visit)
            return error
        } catch let refusal as DibsError {
            return refusal
        } catch {
            return Deadline.ofRead
        }
    }

    private static func tellsOfForm(_ code: ErrorCode) -> Bool {
        let isOfConnection = [.malformedRequest, .urlTooLong].contains(code)
        return !isOfConnection && [400, 405, 413, 415, 422].contains(code.httpStatus)
    }

    /// Counts and logs a key that opened nothing, and holds its answer when there are many; answers
    /// the error to tell.
    func slowed(_ error: DibsError, of request: Request, _ visit: Visit) async -> DibsError {
        guard error.code == .keyUnknown else { return error }
        let address = address(of: request, visit)
        let network = PeerAddress(address).map { "\($0.network)" } ?? address
        let prefix = visit.credential?.knownPrefix
        let verdict = failures.failed(from: network, prefix: prefix)
        log(
            verdict,
            [
                "address": "\(address)", "key": "\(prefix ?? "(no key of Dibs)")",
                "path": "\(request.uri.path.prefix(200))",
            ])
        guard verdict.isHeld else { return error }
        do {
            try await failures.hold(network)
            return error
        } catch {
            return error as? DibsError ?? Deadline.ofRead
        }
    }

    private func log(_ verdict: FailedKeys.Verdict, _ facts: Logger.Metadata) {
        switch verdict.logs {
        case .it: logger.warning("A key opened nothing.", metadata: facts)
        case .itAsTheLast:
            logger.warning(
                "A key opened nothing; more from there are not logged for a minute.",
                metadata: facts)
        case .nothing: break
        }
    }

    /// The client's address as text; `unknown` for a connection that is gone.
    func address(of request: Request, _ visit: Visit) -> String {
        proxies.client(of: visit.peer, headers: request.headers)?.description ?? "unknown"
    }
}
