internal import DibsCore
internal import DibsJSON
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// The middleware that every request passes through: it gets an id, it is looked at by the gate,
/// its error becomes a problem, and it leaves one line in the log.
struct FrontDesk: RouterMiddleware {
    typealias Context = DoorContext

    let table: RouteTable
    let gate: Gate
    let logger: Logger

    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let id = RequestID.taken(from: request.headers[.requestID])
        let visit = context.visit
        visit.credential = Bearer.credential(in: request.headers)
        var response: Response
        do {
            try gate.check(request)
            response = try await next(request, context)
        } catch {
            var known = translate(error, of: request, id: id)
            let isOpen = table.isOpen(at: request.uri.path)
            known = await gate.told(known, to: visit, isOpen: isOpen)
            known = await gate.slowed(known, of: request, visit)
            response = try Answer.problem(known, now: Date()).response(gate.answers, for: "")
        }
        response.headers[.requestID] = id
        if request.method == .head { response = response.createHeadResponse() }
        log(request, visit, response.status, start.duration(to: .now), id: id)
        return response
    }

    /// The caller learns no more than that something unexpected happened; the log learns what.
    private func translate(_ error: any Error, of request: Request, id: String) -> DibsError {
        switch error {
        case let error as DibsError:
            if error.code.httpStatus == 500 { report(error, id: id) }
            return error
        case let error as HTTPError where error.status == .notFound:
            return table.refusal(of: request.method, at: request.uri.path)
        case is CancellationError:
            return DibsError(
                .unavailable, "The request was given up before it was done.",
                hint: "The server is stopping, or you hung up; ask again.")
        default:
            report(error, id: id)
            return DibsError(
                .internalError, "Something unexpected happened in the server.",
                details: ["requestId": id],
                hint: "Look for this requestId in the server's log, and tell us of it.")
        }
    }

    private func report(_ error: any Error, id: String) {
        logger.error(
            "A request failed in the server.",
            metadata: ["error": "\(error)", "requestId": "\(id)"])
    }

    private func log(
        _ request: Request, _ visit: Visit, _ status: HTTPResponse.Status, _ time: Duration,
        id: String
    ) {
        logger.info(
            "A request was answered.",
            metadata: [
                "method": "\(request.method.rawValue)",
                "path": "\(request.uri.path.prefix(200))",
                "status": "\(status.code)",
                "caller": "\(visit.name)",
                "address": "\(gate.address(of: request, visit))",
                "milliseconds": "\(Int(saturating: (time / .milliseconds(1)).rounded()))",
                "requestId": "\(id)",
            ])
    }
}
