package import DibsCore
internal import Foundation
internal import NIOHTTP1

/// `DibsService` over HTTP: each call is one request to a server.
///
/// A refusal of the server is thrown as the very error it threw. A server that cannot be reached
/// is `server_unreachable`, what answers in its place and is none of Dibs's `not_dibs`, and a
/// redirect, which is never followed with a key, `redirected`.
package struct HTTPDibsService: Sendable {
    let connection: ServerConnection

    /// A client of the server at an address such as `http://127.0.0.1:7171`, by the proxy and with
    /// the certificates that the environment names; throws `usage` for what is no address, of the
    /// server or a proxy, and for certificates that are none.
    package init(
        _ address: String,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws { connection = try ServerConnection(address, in: environment) }
}

extension HTTPDibsService: DibsService {
    package func ready() async throws {
        let _: [String: String] = try await connection.send(.GET, "/readyz", as: nil)
    }

    package func prove(_ caller: Credential) async throws -> CallerIdentity {
        try await connection.send(.GET, "/api/caller", as: caller)
    }

    package func measures(as caller: Credential) async throws -> Measures {
        try await connection.send(.GET, "/api/measures", as: caller)
    }

    package func claim(
        _ request: ClaimRequest, as caller: Credential
    ) async throws -> ClaimAnswer {
        try await connection.send(
            .POST, "/api/workers/claim", body: request, as: caller, waiting: request.waitSeconds)
    }

    package func workers(
        _ filter: WorkerFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Worker> {
        let query = [
            "workspaceId": filter.workspaceID?.description, "taskId": filter.taskID?.description,
            "live": filter.live.map { "\($0)" },
        ]
        return try await connection.send(.GET, "/api/workers", query, page, as: caller)
    }

    package func worker(_ id: Identifier<Worker>, as caller: Credential) async throws -> Worker {
        try await connection.send(.GET, "/api/workers/\(id)", as: caller)
    }

    package func report(
        _ id: Identifier<Worker>, _ report: Report, as caller: Credential
    ) async throws -> ReportAnswer {
        try await connection.send(.PATCH, "/api/workers/\(id)", body: report, as: caller)
    }

    package func heartbeat(
        _ id: Identifier<Worker>, _ beat: Beat, as caller: Credential
    ) async throws -> ReportAnswer {
        try await connection.send(
            .POST, "/api/workers/\(id)/heartbeat", body: beat, as: caller,
            waiting: beat.waitSeconds)
    }

    package func addCost(
        _ cost: NewCost, of worker: Identifier<Worker>, as caller: Credential
    ) async throws -> CostEntry {
        try await connection.send(.POST, "/api/workers/\(worker)/costs", body: cost, as: caller)
    }

    package func costs(
        of worker: Identifier<Worker>, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<CostEntry> {
        try await connection.send(.GET, "/api/workers/\(worker)/costs", [:], page, as: caller)
    }

    package func parkedCosts(
        _ page: PageRequest, as caller: Credential
    ) async throws -> Page<ParkedCost> {
        try await connection.send(.GET, "/api/costs", ["parked": "true"], page, as: caller)
    }

    package func decideCost(
        _ id: Identifier<ParkedCost>, _ decision: CostDecision, as caller: Credential
    ) async throws -> ParkedCost {
        try await connection.send(.POST, "/api/costs/\(id)/\(decision.rawValue)", as: caller)
    }

    package func questions(
        _ filter: QuestionFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Question> {
        let query = [
            "taskId": filter.taskID?.description, "open": filter.open.map { "\($0)" },
        ]
        return try await connection.send(.GET, "/api/questions", query, page, as: caller)
    }

    package func answer(
        _ worker: Identifier<Worker>, _ answer: NewAnswer, as caller: Credential
    ) async throws -> Question {
        try await connection.send(
            .POST, "/api/workers/\(worker)/answer", body: answer, as: caller)
    }

    package func addArtifact(
        _ new: NewArtifact, of worker: Identifier<Worker>, as caller: Credential
    ) async throws -> Artifact {
        try await connection.send(
            .POST, "/api/workers/\(worker)/artifacts", body: new, as: caller)
    }
}
