import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Who has lent its slot may beat and be answered, and nothing else")
struct LentSlotTests {
    /// An account with one slot and two dollars a day, a worker of it that has asked, and another
    /// one that has its slot.
    private func withLentSlot(
        through door: Door,
        _ body: (TestBed, ClaimedWorker, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxCostPerDay: "2", maxConcurrentWorkers: 1), in: workspace)
            for number in 0..<3 { try await bed.task("\(number)", in: workspace) }
            let asking = try #require(try await bed.claim(as: key).first)
            try await say(Report(status: .running), asking, bed)
            try await say(Self.question, asking, bed)
            let working = try #require(try await bed.claim(as: key).first)
            try await body(bed, asking, working, key)
        }
    }

    private static let question = Report(
        status: .waitingInput, waitingFor: WaitingFor(prompt: "Which one?"))

    private func say(_ report: Report, _ worker: ClaimedWorker, _ bed: TestBed) async throws {
        _ = try await bed.service.report(worker.id, report, as: Credential(worker.token))
    }

    /// Each word that is work or its end.
    private static let words: [(String, Report)] = [
        ("running", Report(status: .running)), ("paused", Report(status: .paused)),
        ("progress", Report(progress: 90)), ("action", Report(currentAction: "typing")),
        ("milestone", Report(milestones: ["Done"])), ("cost", Report(costUSD: "1")),
        ("tokens", Report(inputTokens: 9)), ("turns", Report(turns: 3)),
        ("commits", Report(commits: 1)), ("error", Report(status: .error)),
        (
            "another question",
            Report(status: .waitingInput, waitingFor: WaitingFor(prompt: "And now?"))
        ),
        (
            "work beside its question",
            Report(status: .waitingInput, waitingFor: question.waitingFor, costUSD: "1")
        ),
    ]

    @Test(arguments: Door.all)
    func `each word of it is refused with the limit, and nothing of it is written`(
        through door: Door
    ) async throws {
        try await withLentSlot(through: door) { bed, asking, _, key in
            let before = try await bed.service.worker(asking.id, as: key)
            for (name, report) in Self.words {
                let refusal = try await failure(as: DibsError.self) {
                    try await say(report, asking, bed)
                }
                #expect(refusal?.code == .workerLimit, "\(name)")
                #expect(refusal?.hint?.contains("ends as waiting") == true, "\(name)")
            }
            let others = [
                try await bed.code {
                    _ = try await bed.service.addCost(
                        NewCost(amount: "1"), of: asking.id, as: key)
                },
                try await bed.code {
                    _ = try await bed.service.addArtifact(
                        NewArtifact(type: .log, title: "log"), of: asking.id, as: key)
                },
            ]
            #expect(others == [.workerLimit, .workerLimit])
            #expect(try await bed.service.worker(asking.id, as: key) == before)
            #expect(try await bed.service.account(nil, as: key).totalCost == .zero)
            // What keeps it alive is taken.
            try await say(Report(), asking, bed)
            try await say(Self.question, asking, bed)
            _ = try await bed.service.heartbeat(asking.id, as: key)
        }
    }

    @Test(arguments: Door.all)
    func `with room each word takes the slot again, and its question lends it once more`(
        through door: Door
    ) async throws {
        try await withLentSlot(through: door) { bed, asking, working, key in
            try await say(Report(status: .completed), working, bed)
            try await say(Report(progress: 40), asking, bed)
            let busy = try await bed.service.account(nil, as: key)
            let held = try await bed.service.spending(of: nil, days: 1, as: key).held
            #expect(busy.activeWorkers == 1 && held == "2")
            #expect(try await bed.code { _ = try await bed.claim(as: key) } == .workerLimit)
            try await say(Self.question, asking, bed)
            let idle = try await bed.service.account(nil, as: key)
            #expect(idle.activeWorkers == 0)
            let asked = try await bed.service.questions(
                QuestionFilter(open: true), .first, as: key)
            #expect(asked.items.count == 1, "it is the question that was there")
        }
    }

    @Test(arguments: Door.all)
    func `a seat is kept for who was answered, whichever of its accounts asks`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            var keys: [Credential] = []
            for name in ["ada", "bob"] {
                let new = NewAccount(name: name, maxConcurrentSessions: 1, seat: "shared")
                keys.append(try await bed.account(new, in: workspace).key)
                try await bed.task(name, in: workspace)
            }
            let asking = try #require(try await bed.claim(as: keys[0]).first)
            try await say(Report(status: .running), asking, bed)
            try await say(Self.question, asking, bed)
            _ = try await bed.service.answer(
                asking.id, NewAnswer(answer: "left"), as: bed.admin)
            #expect(try await bed.code { _ = try await bed.claim(as: keys[1]) } == .sessionLimit)
            try await say(Report(status: .running), asking, bed)
            try await say(Report(status: .completed), asking, bed)
            #expect(try await bed.claim(as: keys[1]).count == 1)
        }
    }

    @Test(arguments: Door.direct)
    func `ten that say they wait do not work and spend under a limit of one`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxCostPerDay: "1", maxConcurrentWorkers: 1), in: workspace)
            var workers: [ClaimedWorker] = []
            for number in 0..<10 {
                try await bed.task("\(number)", in: workspace)
                let worker = try #require(try await bed.claim(as: key).first)
                try await say(Report(status: .running), worker, bed)
                try await say(Self.question, worker, bed)
                workers.append(worker)
            }
            var (worked, stopped) = (0, 0)
            for worker in workers {
                let code = try await bed.code {
                    try await say(Report(progress: 50, costUSD: "5"), worker, bed)
                }
                if code == nil { worked += 1 }
                let told = try await bed.service.heartbeat(worker.id, as: key)
                if told.stop == .dayLimit { stopped += 1 }
            }
            #expect(worked == 1, "the first takes the only slot")
            #expect(stopped == 10, "the day is spent: all of them are told")
            let spending = try await bed.service.spending(of: nil, days: 1, as: key)
            #expect(spending.spent == "5")
        }
    }

    @Test(arguments: Door.direct)
    func `what others only hold stops none that waits`(through door: Door) async throws {
        try await withLentSlot(through: door) { bed, asking, _, key in
            let spending = try await bed.service.spending(of: nil, days: 1, as: key)
            #expect(spending.remaining == .zero && spending.spent == .zero)
            #expect(try await bed.service.heartbeat(asking.id, as: key).stop == nil)
        }
    }

    @Test(arguments: Door.direct)
    func `who was answered goes before who was not`(through door: Door) async throws {
        try await withLentSlot(through: door) { bed, first, working, key in
            try await say(Report(status: .running), working, bed)
            try await say(Self.question, working, bed)
            _ = try await bed.service.answer(working.id, NewAnswer(answer: "it"), as: bed.admin)
            let early = try await bed.code { try await say(Report(progress: 1), first, bed) }
            #expect(early == .workerLimit)
            try await say(Report(status: .running), working, bed)
        }
    }

    @Test(arguments: Door.direct)
    func `one that cannot say its end is ended as waiting when its runner falls silent`(
        through door: Door
    ) async throws {
        try await withLentSlot(through: door) { bed, asking, working, key in
            let dead = try await bed.code { try await say(Report(status: .error), asking, bed) }
            #expect(dead == .workerLimit)
            for _ in 0..<2 {
                try await bed.pass(seconds: 500)
                _ = try await bed.service.heartbeat(working.id, as: key)
            }
            let ended = try await bed.service.worker(asking.id, as: key)
            #expect(ended.failureClass == .waiting)
        }
    }

    @Test(arguments: Door.direct)
    func `where waiting keeps the slot nothing of this holds it up`(
        through door: Door
    ) async throws {
        try await door.open(EngineSettings(waitingKeepsSlot: true)) { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxConcurrentWorkers: 1), in: workspace)
            try await bed.task(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            try await say(Report(status: .running), worker, bed)
            try await say(Self.question, worker, bed)
            try await say(Report(progress: 50, costUSD: "1"), worker, bed)
            try await say(Report(status: .running), worker, bed)
            try await say(Report(status: .completed), worker, bed)
        }
    }
}
