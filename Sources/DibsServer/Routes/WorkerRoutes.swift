internal import DibsCore
internal import Foundation
internal import HTTPTypes

/// Claims, and what workers say of themselves.
enum WorkerRoutes {
    static let all = [
        Route(.post, "/api/workers/claim", waits: true, handler: claim),
        Route(
            .get, "/api/workers", query: ["workspaceId", "taskId", "live"] + Route.pageQuery,
            handler: list),
        Route(.get, "/api/workers/{id}", handler: read),
        Route(.patch, "/api/workers/{id}", access: .lateWorker, handler: report),
        Route(
            .post, "/api/workers/{id}/heartbeat", access: .lateWorker, waits: true,
            handler: heartbeat),
        Route(
            .post, "/api/workers/{id}/artifacts", access: .lateWorker, handler: addArtifact),
        Route(.get, "/api/workers/{id}/costs", query: Route.pageQuery, handler: listCosts),
        Route(.post, "/api/workers/{id}/costs", access: .lateWorker, handler: addCost),
        Route(.get, "/api/costs", query: ["parked"] + Route.pageQuery, handler: listParked),
        Route(.post, "/api/costs/{id}/accept", handler: acceptCost),
        Route(.post, "/api/costs/{id}/drop", handler: dropCost),
        Route(.post, "/api/workers/{id}/answer", handler: answer),
        Route(
            .get, "/api/questions", query: ["taskId", "open"] + Route.pageQuery,
            handler: listQuestions),
    ]

    @Sendable private static func claim(_ call: Call) async throws -> Answer {
        let request = try call.decode(ClaimRequest.self)
        let (service, caller) = (call.service, try call.caller)
        return try await waiting(request.waitSeconds, call) {
            try .ok(await service.claim(request, as: caller))
        }
    }

    /// Answers what may wait; it ends when its caller hangs up, so that no task goes to a runner
    /// that is gone.
    ///
    /// Only a call that waits pays with its connection.
    private static func waiting(
        _ seconds: Int, _ call: Call, _ operation: @escaping @Sendable () async throws -> Answer
    ) async throws -> Answer {
        guard seconds > 0 else { return try await call.within(0, operation) }
        return try await call.untilCallerLeaves {
            var answer: Answer
            do {
                answer = try await call.within(seconds, operation)
            } catch let error as DibsError where error.code.httpStatus != 500 {
                answer = .problem(error, now: Date())
            }
            answer.headers["Connection"] = "close"
            return answer
        }
    }

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        let filter = WorkerFilter(
            workspaceID: try call.query.id("workspaceId"), taskID: try call.query.id("taskId"),
            live: try call.query.flag("live"))
        return try await .list(
            call.service.workers(filter, call.query.page(), as: call.caller), for: call)
    }

    @Sendable private static func read(_ call: Call) async throws -> Answer {
        try .ok(await call.service.worker(call.id(), as: call.caller))
    }

    @Sendable private static func report(_ call: Call) async throws -> Answer {
        let (id, caller): (Worker.ID, Credential) = (try call.id(), try call.caller)
        let report: Report
        do { report = try call.decode(Report.self) } catch let error as DibsError {
            throw await call.service.refusal(error, ofReportBy: id, as: caller)
        }
        return try .ok(await call.service.report(id, report, as: caller))
    }

    @Sendable private static func heartbeat(_ call: Call) async throws -> Answer {
        let beat = call.body.isEmpty ? Beat() : try call.decode(Beat.self)
        let (service, caller) = (call.service, try call.caller)
        let id: Worker.ID = try call.id()
        return try await waiting(beat.waitSeconds, call) {
            try .ok(await service.heartbeat(id, beat, as: caller))
        }
    }

    @Sendable private static func listCosts(_ call: Call) async throws -> Answer {
        try await .list(
            call.service.costs(of: call.id(), call.query.page(), as: call.caller), for: call)
    }

    /// A cost has no page of its own: it is among those of its worker.
    ///
    /// One that was put aside is taken and not counted yet: 202.
    @Sendable private static func addCost(_ call: Call) async throws -> Answer {
        let cost = try call.decode(NewCost.self)
        let made = try await call.service.addCost(cost, of: call.id(), as: call.caller)
        var answer = try Answer.made(made, at: "/api/workers/\(made.workerID)/costs")
        if made.parkedAt != nil {
            (answer.status, answer.headers["Location"]) = (202, "/api/costs?parked=true")
        }
        return answer
    }

    /// The costs that wait for a person: those of the ledger are listed with their worker.
    @Sendable private static func listParked(_ call: Call) async throws -> Answer {
        guard try call.query.flag("parked") == true else {
            throw DibsError(
                .missingField, "This list is of parked costs only.", details: ["field": "parked"],
                hint: "Send ?parked=true; the ledger is at /api/workers/{id}/costs.")
        }
        return try await .list(
            call.service.parkedCosts(call.query.page(), as: call.caller), for: call)
    }

    @Sendable private static func acceptCost(_ call: Call) async throws -> Answer {
        try await decide(call, .accept)
    }

    @Sendable private static func dropCost(_ call: Call) async throws -> Answer {
        try await decide(call, .drop)
    }

    private static func decide(_ call: Call, _ decision: CostDecision) async throws -> Answer {
        try call.expectNoBody()
        return try .ok(await call.service.decideCost(call.id(), decision, as: call.caller))
    }

    @Sendable private static func answer(_ call: Call) async throws -> Answer {
        let answer = try call.decode(NewAnswer.self)
        return try .ok(await call.service.answer(call.id(), answer, as: call.caller))
    }

    @Sendable private static func listQuestions(_ call: Call) async throws -> Answer {
        let filter = QuestionFilter(
            taskID: try call.query.id("taskId"), open: try call.query.flag("open"))
        return try await .list(
            call.service.questions(filter, call.query.page(), as: call.caller), for: call)
    }

    @Sendable private static func addArtifact(_ call: Call) async throws -> Answer {
        let new = try call.decode(NewArtifact.self)
        let made = try await call.service.addArtifact(new, of: call.id(), as: call.caller)
        return try .made(made, at: "/api/artifacts/\(made.id)")
    }
}
