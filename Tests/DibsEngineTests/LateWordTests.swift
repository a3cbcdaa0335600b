import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("For a day after its end, what an attempt made, left and cost is still taken")
struct LateWordTests {
    /// How an attempt comes to its end.
    enum End: String, CaseIterable {
        case completed, failed, released, lost
    }

    /// A worker that has ended, and whose task another one may have.
    private func withEnded(
        _ end: End = .lost, through door: Door,
        _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let (worker, key) = try await bed.claimedWorker()
            let (id, token) = (worker.id, Credential(worker.token))
            _ = try await bed.service.report(id, Report(status: .running), as: token)
            switch end {
            case .completed:
                _ = try await bed.service.report(id, Report(status: .completed), as: token)
            case .failed: _ = try await bed.service.report(id, Report(status: .error), as: token)
            case .released: _ = try await bed.service.releaseTask(worker.taskID, as: key)
            case .lost: try await bed.pass(seconds: 901)
            }
            try await body(bed, worker, key)
        }
    }

    private static let facts = Report(
        costUSD: "0.25", inputTokens: 10, outputTokens: 20, turns: 3,
        pullRequestURL: "https://example.org/pull/7", branch: "feat/x", commits: 2,
        filesChanged: 3, linesAdded: 40, linesRemoved: 5, warnings: ["no remote to push to"])

    @Test(arguments: Door.all, End.allCases)
    func `facts are kept, and change no state`(through door: Door, end: End) async throws {
        try await withEnded(end, through: door) { bed, worker, key in
            let before = try await bed.service.worker(worker.id, as: key)
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            let answer = try await bed.service.report(
                worker.id, Self.facts, as: Credential(worker.token))
            #expect(answer.leaseExpiresAt == nil && answer.stop == .ended)
            var wanted = before
            (wanted.costUSD, wanted.inputTokens, wanted.outputTokens) = ("0.25", 10, 20)
            (wanted.turns, wanted.branch, wanted.commits) = (3, "feat/x", 2)
            (wanted.filesChanged, wanted.linesAdded, wanted.linesRemoved) = (3, 40, 5)
            wanted.pullRequestURL = "https://example.org/pull/7"
            wanted.warnings = ["no remote to push to"]
            #expect(answer.worker == wanted)
            #expect(try await bed.service.task(worker.taskID, with: [], as: key).task == task)
            let ledger = try await bed.service.costs(of: worker.id, .first, as: key).items
            #expect(ledger.map(\.amount) == ["0.25"] && ledger.map(\.provenance) == [.late])
            // Its answer may be lost: the same again is the same.
            let again = try await bed.service.report(
                worker.id, Self.facts, as: Credential(worker.token))
            #expect(again == answer)
        }
    }

    @Test(arguments: Door.all)
    func `an artifact is kept although another has the task, and takes no slot`(
        through door: Door
    ) async throws {
        try await withEnded(through: door) { bed, worker, key in
            let next = try #require(try await bed.claim(as: key).first)
            let before = try await bed.service.account(nil, as: key)
            let diff = NewArtifact(type: .diff, title: "diff", content: "+a")
            let made = try await bed.service.addArtifact(
                diff, of: worker.id, as: Credential(worker.token))
            #expect(made.workerID == worker.id)
            let view = try await bed.service.task(worker.taskID, with: [.artifacts], as: key)
            #expect(view.artifacts == [made] && view.task.claimedBy != nil)
            #expect(try await bed.service.account(nil, as: key) == before)
            #expect(try await bed.service.worker(next.id, as: key).status == .idle)
        }
    }

    @Test(arguments: Door.direct)
    func `a day after the end it is over`(through door: Door) async throws {
        try await withEnded(.failed, through: door) { bed, worker, _ in
            let token = Credential(worker.token)
            let left = NewArtifact(type: .log, title: "log")
            bed.clock.advance(seconds: 24 * 3600 - 1)
            _ = try await bed.service.addArtifact(left, of: worker.id, as: token)
            _ = try await bed.service.report(worker.id, Report(commits: 1), as: token)
            bed.clock.advance(seconds: 1)
            let refused = [
                try await bed.code {
                    _ = try await bed.service.addArtifact(left, of: worker.id, as: token)
                },
                try await bed.code {
                    _ = try await bed.service.report(worker.id, Report(commits: 2), as: token)
                },
            ]
            #expect(refused == [.leaseLost, .leaseLost])
            #expect(try await bed.service.worker(worker.id, as: bed.admin).commits == 1)
        }
    }

    @Test(arguments: Door.all)
    func `a late completion keeps where its commits are, refused or adopted`(
        through door: Door
    ) async throws {
        let done = Report(
            status: .completed, costUSD: "1", branch: "feat/x", commits: 4, linesAdded: 7)
        try await withEnded(through: door) { bed, worker, key in
            let answer = try await bed.service.report(worker.id, done, as: key)
            #expect(answer.stop == nil && answer.worker.branch == "feat/x")
            #expect(answer.worker.commits == 4 && answer.worker.linesAdded == 7)
            let task = try await bed.service.task(worker.taskID, with: [], as: key).task
            #expect(task.status == .completed)
        }
        try await withEnded(through: door) { bed, worker, key in
            let next = try #require(try await bed.claim(as: key).first)
            let refusal = try await failure(as: DibsError.self) {
                _ = try await bed.service.report(worker.id, done, as: key)
            }
            #expect(refusal?.code == .leaseLost && refusal?.details["branch"] == "feat/x")
            _ = try await bed.service.releaseTask(next.taskID, as: bed.admin)
            try await bed.pass(seconds: 61)
            let third = try #require(try await bed.claim(as: key).first)
            #expect(third.salvage?.workerID == worker.id && third.salvage?.branch == "feat/x")
            #expect(third.salvage?.commits == 4 && third.salvage?.costUSD == "1")
        }
    }

    @Test(arguments: Door.all)
    func `of anything else only the facts are kept, and it is refused`(
        through door: Door
    ) async throws {
        try await withEnded(through: door) { bed, worker, key in
            let mixed = Report(progress: 90, milestones: ["Done"], costUSD: "2", commits: 1)
            let code = try await bed.code {
                _ = try await bed.service.report(worker.id, mixed, as: key)
            }
            let after = try await bed.service.worker(worker.id, as: key)
            #expect(code == .leaseLost && after.costUSD == "2" && after.commits == 1)
            #expect(after.progress == 0 && after.milestones.elements.isEmpty)
        }
    }

    @Test(arguments: Door.all)
    func `costs and tokens that come late reach the limit of their task`(
        through door: Door
    ) async throws {
        for late in [Report(costUSD: "1"), Report(inputTokens: 1000)] {
            try await reachLimit(by: late, through: door)
        }
    }

    private func reachLimit(by late: Report, through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(in: workspace)
            try await bed.task(in: workspace) {
                $0.maxCost = "1"
                $0.maxTokens = 1000
            }
            let worker = try #require(try await bed.claim(as: key).first)
            try await bed.pass(seconds: 901)
            _ = try await bed.service.report(worker.id, late, as: key)
            let open = try await bed.service.questions(QuestionFilter(open: true), .first, as: key)
            #expect(open.items.map(\.kind) == [.limit])
            #expect(try await bed.claim(as: key).isEmpty)
        }
    }

    @Test(arguments: Door.all)
    func `warnings are kept, each once, the newest hundred, and stand in the history`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let (worker, key) = try await bed.claimedWorker()
            for batch in 0..<6 {
                let texts = (0..<20).map { "\(batch * 20 + $0)" }
                _ = try await bed.service.report(
                    worker.id, Report(branch: "feat/y", warnings: texts + texts.prefix(0)), as: key)
            }
            let again = Report(warnings: ["119", "119", "120"])
            let answer = try await bed.service.report(worker.id, again, as: key)
            #expect(answer.worker.warnings.elements == (21...120).map { "\($0)" })
            #expect(answer.worker.branch == "feat/y")
            let events = try await bed.database.read { snapshot in
                try Event.where { $0.type == "worker.warned" }.all(in: snapshot)
            }
            #expect(events.count == 7 && events.last?.data == ["warnings": ["120"]])
            for wrong in [
                Report(warnings: Array(repeating: "x", count: 21)), Report(warnings: ["a\nb"]),
                Report(warnings: [String(repeating: "x", count: 501)]), Report(warnings: [""]),
                Report(branch: "a..b"), Report(branch: "--force"),
            ] {
                let code = try await bed.code {
                    _ = try await bed.service.report(worker.id, wrong, as: key)
                }
                #expect(code == .invalidField)
            }
        }
    }
}
