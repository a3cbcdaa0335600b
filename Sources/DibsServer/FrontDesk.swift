internal import DibsCore
internal import DibsJSON
internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Logging

/// What every request passes through: it gets an id, its error becomes a problem, and it leaves
/// one line in the log.
struct FrontDesk: RouterMiddleware {
    typealias Context = BasicRequestContext

    let table: RouteTable
    let logger: Logger

    func handle(
        _ request: Request, context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let id = RequestID.taken(from: request.headers[.requestID])
        var response: Response
        do {
            response = try await next(request, context)
        } catch {
            let known = translate(error, of: request, id: id)
            response = Answer.problem(known, now: Date()).response
        }
        response.headers[.requestID] = id
        log(request, response.status, start.duration(to: .now), id: id)
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
        _ request: Request, _ status: HTTPResponse.Status, _ time: Duration, id: String
    ) {
        logger.info(
            "A request was answered.",
            metadata: [
                "method": "\(request.method.rawValue)",
                "path": "\(request.uri.path.prefix(200))",
                "status": "\(status.code)",
                "milliseconds": "\(Int(saturating: (time / .milliseconds(1)).rounded()))",
                "requestId": "\(id)",
            ])
    }
}
