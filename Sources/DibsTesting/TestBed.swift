package import DibsCore
package import DibsData
package import DibsEngine
internal import Logging

/// An installation of Dibs for one test, and the words to furnish it with.
package struct TestBed: Sendable {
    /// The door the test goes through.
    package let service: any DibsService
    /// The key of its first account, an admin.
    package let admin: Credential
    /// The engine behind the door.
    package let engine: Engine
    /// The database behind the engine.
    package let database: Database
    /// Its time.
    package let clock: ManualClock
    /// The address it listens on; empty without HTTP.
    package let address: String

    /// The secret of every server of a test.
    package static let secret = ServerSecret.random()

    /// An account that may claim, create and review in the workspaces named.
    package func account(
        _ new: NewAccount = NewAccount(name: "worker"), in workspaces: Workspace...
    ) async throws -> (account: Account, key: Credential) {
        let made = try await service.createAccount(new, as: admin)
        for workspace in workspaces {
            _ = try await service.grant(
                made.account.id, in: workspace.id,
                Rights(canClaim: true, canCreate: true, canReview: true), as: admin)
        }
        return (made.account, Credential(made.apiKey))
    }

    /// A workspace.
    package func workspace(
        _ name: String = "site", _ change: (inout NewWorkspace) -> Void = { _ in }
    ) async throws -> Workspace {
        var new = NewWorkspace(name: name)
        change(&new)
        return try await service.createWorkspace(new, as: admin)
    }

    /// A task in a workspace.
    @discardableResult
    package func task(
        _ title: String = "Fix the login", in workspace: Workspace,
        _ change: (inout NewTask) -> Void = { _ in }
    ) async throws -> AgentTask {
        var new = NewTask(workspaceID: workspace.id, title: title)
        change(&new)
        return try await service.createTask(new, as: admin)
    }

    /// The tasks of a claim by a runner called `runner`.
    package func claim(
        as key: Credential, _ change: (inout ClaimRequest) -> Void = { _ in }
    ) async throws -> [ClaimedWorker] {
        var request = ClaimRequest(runner: "runner")
        change(&request)
        return try await service.claim(request, as: key).workers
    }

    /// A worker that has claimed the one task of a new workspace, and the key of its account.
    package func claimedWorker() async throws -> (worker: ClaimedWorker, key: Credential) {
        let workspace = try await workspace()
        let (_, key) = try await account(in: workspace)
        try await task(in: workspace)
        guard let worker = try await claim(as: key).first else {
            throw DibsError.notFound("worker", workspace.id)
        }
        return (worker, key)
    }

    /// The code of the error that a call throws, or nil.
    package func code(of body: () async throws -> Void) async throws -> ErrorCode? {
        try await failure(as: DibsError.self, of: body)?.code
    }
}

extension TestBed {
    /// Heartbeats that wait now.
    package var parkedBeats: Int { engine.beats.parked }

    /// The reaper, which ends leases that ran out; the test ticks it.
    package var reaper: Reaper { Reaper(engine, logger: Logger(label: "dibs.test")) }

    /// Lets time pass while the reaper ticks as it does in service; answers how many it ended.
    @discardableResult
    package func pass(seconds: Int) async throws -> Int {
        var ended = try await reaper.tick()
        var left = seconds
        while left > 0 {
            let step = min(left, 29)
            clock.advance(seconds: Double(step))
            ended += try await reaper.tick()
            left -= step
        }
        return ended
    }
}
