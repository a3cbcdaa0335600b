import DibsCore
import DibsTesting
import Testing

@Suite("A worker's token is proved, and is its worker's alone")
struct TokenTests {
    /// Two workers of one account in one workspace.
    private func withWorkers(
        through door: Door, asAdmin: Bool = false,
        _ body: (TestBed, ClaimedWorker, ClaimedWorker) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let key = try await asAdmin ? bed.admin : bed.account(in: workspace).key
            for title in ["one", "two"] { try await bed.task(title, in: workspace) }
            let workers = try await bed.claim(as: key) { $0.maxTasks = 2 }
            try #require(workers.count == 2)
            try await body(bed, workers[0], workers[1])
        }
    }

    @Test(arguments: Door.all)
    func `the id of a live worker without its proof opens nothing`(
        through door: Door
    ) async throws {
        try await withWorkers(through: door) { bed, worker, sibling in
            let forged = [
                ServerSecret.random().workerToken(for: worker.id).secret,
                String(worker.token.dropLast(43)) + sibling.token.suffix(43),
                String(worker.token.dropLast()), worker.token + "A", "dibw_\(worker.id)_",
            ]
            for token in forged {
                let read = try await bed.code {
                    _ = try await bed.service.worker(worker.id, as: Credential(token))
                }
                let write = try await bed.code {
                    _ = try await bed.service.heartbeat(worker.id, as: Credential(token))
                }
                #expect(read == .keyUnknown && write == .keyUnknown, "\(token)")
            }
            _ = try await bed.service.heartbeat(worker.id, as: Credential(worker.token))
        }
    }

    @Test(arguments: Door.all)
    func `it writes to no other worker of its account`(through door: Door) async throws {
        try await withWorkers(through: door) { bed, worker, sibling in
            let token = Credential(worker.token)
            let before = try await bed.service.worker(sibling.id, as: bed.admin)
            let writes: [() async throws -> Void] = [
                { _ = try await bed.service.heartbeat(sibling.id, as: token) },
                {
                    let report = Report(status: .running, costUSD: "1")
                    _ = try await bed.service.report(sibling.id, report, as: token)
                },
                { _ = try await bed.service.report(sibling.id, Report(status: .error), as: token) },
                {
                    let cost = NewCost(amount: "1")
                    _ = try await bed.service.addCost(cost, of: sibling.id, as: token)
                },
                {
                    let artifact = NewArtifact(type: .log, title: "log")
                    _ = try await bed.service.addArtifact(artifact, of: sibling.id, as: token)
                },
            ]
            for write in writes { #expect(try await bed.code(of: write) == .forbidden) }
            #expect(try await bed.service.worker(sibling.id, as: bed.admin) == before)
        }
    }

    @Test(arguments: Door.all)
    func `that of an admin's worker is no admin`(through door: Door) async throws {
        try await withWorkers(through: door, asAdmin: true) { bed, worker, sibling in
            let token = Credential(worker.token)
            let other = try await bed.workspace("other")
            let deeds: [() async throws -> Void] = [
                { _ = try await bed.service.createWorkspace(NewWorkspace(name: "x"), as: token) },
                { _ = try await bed.service.createAccount(NewAccount(name: "x"), as: token) },
                { _ = try await bed.service.accounts(.first, as: token) },
                { _ = try await bed.service.cancelTask(sibling.taskID, as: token) },
                { _ = try await bed.service.claim(ClaimRequest(runner: "x"), as: token) },
            ]
            for deed in deeds { #expect(try await bed.code(of: deed) == .forbidden) }
            let hidden = try await bed.code {
                _ = try await bed.service.workspace(other.id, as: token)
            }
            #expect(hidden == .notFound)
        }
    }
}
