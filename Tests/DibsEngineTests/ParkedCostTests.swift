import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("A cost out of all proportion counts once a person has accepted it")
struct ParkedCostTests {
    /// A worker of an account of $20 a day: $200 is the most that counts at once.
    private func withWorker(
        through door: Door, limit: USD? = "20",
        _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task(in: workspace)
            let (_, key) = try await bed.account(
                NewAccount(name: "payer", maxCostPerDay: limit), in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            try await body(bed, worker, key)
        }
    }

    private func total(_ bed: TestBed, _ key: Credential) async throws -> USD {
        try await bed.service.account(nil, as: key).totalCost
    }

    private func parked(_ bed: TestBed) async throws -> [ParkedCost] {
        try await bed.service.parkedCosts(.first, as: bed.admin).items
    }

    @Test(arguments: Door.all)
    func `it counts nowhere, is said to have been put aside, and is told twice as one`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let absurd = NewCost(amount: "8999999990", sequence: 7)
            let put = try await bed.service.addCost(absurd, of: worker.id, as: key)
            #expect(put.parkedAt == bed.clock.now)
            let again = try await bed.service.addCost(absurd, of: worker.id, as: key)
            #expect(again == put)
            #expect(try await total(bed, key) == .zero)
            let told = try await bed.service.heartbeat(worker.id, as: key)
            #expect(told.parked == "8999999990")
            #expect(told.stop == .dayLimit, "who is not believed does not go on spending")
            #expect(try await parked(bed).map(\.most) == ["200"])
            // The next costs count as ever.
            let next = try await bed.service.addCost(NewCost(amount: "10"), of: worker.id, as: key)
            #expect(next.parkedAt == nil && next.sequence == 8)
            #expect(try await total(bed, key) == "10")
        }
    }

    @Test(arguments: Door.direct, [("20", "200"), ("1", "100"), (nil, "1000")] as [(USD?, USD)])
    func `ten times the larger limit is in proportion, and a thousand dollars without any`(
        through door: Door, bound: (limit: USD?, most: USD)
    ) async throws {
        try await withWorker(through: door, limit: bound.limit) { bed, worker, key in
            let most = NewCost(amount: bound.most)
            let more = NewCost(amount: USD(nanos: bound.most.nanos + 1))
            let counted = try await bed.service.addCost(most, of: worker.id, as: key)
            let parked = try await bed.service.addCost(more, of: worker.id, as: key)
            #expect(counted.parkedAt == nil && parked.parkedAt != nil)
        }
    }

    @Test(arguments: Door.all, CostDecision.allCases)
    func `an admin accepts it, on its day, or drops it, once`(
        through door: Door, decision: CostDecision
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let put = try await bed.service.addCost(NewCost(amount: "300"), of: worker.id, as: key)
            let id = Identifier<ParkedCost>(put.id.uuid)
            bed.clock.advance(seconds: 20 * 3600)
            for other in [key, Credential(worker.token)] {
                let refused = try await bed.code {
                    _ = try await bed.service.decideCost(id, decision, as: other)
                }
                #expect(refused == .forbidden)
            }
            let decided = try await bed.service.decideCost(id, decision, as: bed.admin)
            #expect((decided.entryID != nil) == (decision == .accept))
            #expect(try await total(bed, key) == (decision == .accept ? "300" : .zero))
            let days = try await bed.service.spending(of: nil, days: 7, as: key).days
            #expect(days.map(\.day) == (decision == .accept ? ["2026-11-24"] : []))
            let twice = try await bed.code {
                _ = try await bed.service.decideCost(id, .accept, as: bed.admin)
            }
            #expect(twice == .illegalTransition)
            #expect(try await parked(bed).isEmpty)
            let told = try await bed.service.heartbeat(worker.id, as: key)
            #expect(told.parked == nil && told.stop == nil)
        }
    }

    @Test(arguments: Door.all, [nil, .accept, .drop] as [CostDecision?])
    func `a running total neither brings it again nor swallows what comes after`(
        through door: Door, decision: CostDecision?
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            for cost in ["1", "5001", "5001"] as [USD] {
                _ = try await bed.service.report(worker.id, Report(costUSD: cost), as: key)
            }
            let put = try #require(try await parked(bed).first)
            #expect(put.amount == "5000")
            if let decision {
                _ = try await bed.service.decideCost(put.id, decision, as: bed.admin)
            }
            // A counter that has it goes on, one that knows nothing of it does, and a late one
            // that is lower is passed over.
            for cost in ["5001.5", "5001.2"] as [USD] {
                _ = try await bed.service.report(worker.id, Report(costUSD: cost), as: key)
            }
            #expect(try await total(bed, key) == (decision == .accept ? "5001.5" : "1.5"))
            if decision != .accept {
                _ = try await bed.service.report(worker.id, Report(costUSD: "2"), as: key)
                #expect(try await total(bed, key) == "2")
            }
            #expect(try await parked(bed).count == (decision == nil ? 1 : 0))
        }
    }

    @Test(arguments: Door.direct)
    func `what a person took back does not come again with the next running total`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            _ = try await bed.service.report(worker.id, Report(costUSD: "9"), as: key)
            let ledger = try await bed.service.costs(of: worker.id, .first, as: key).items
            let wrong = try #require(ledger.first)
            let back = NewCost(amount: "-8", corrects: wrong.id)
            _ = try await bed.service.addCost(back, of: worker.id, as: bed.admin)
            _ = try await bed.service.report(worker.id, Report(costUSD: "9.5"), as: key)
            #expect(try await total(bed, key) == "1.5")
        }
    }

    @Test(arguments: Door.all, CostDecision.allCases)
    func `past the first twenty that wait, a cost is part of the newest and none is lost`(
        through door: Door, decision: CostDecision
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            for number in 1...20 {
                bed.clock.advance(seconds: 1)
                let cost = NewCost(amount: "300", sequence: number)
                _ = try await bed.service.addCost(cost, of: worker.id, as: key)
            }
            let more = NewCost(amount: "201.000000001", sequence: 30, inputTokens: 7)
            let put = try await bed.service.addCost(more, of: worker.id, as: key)
            let again = try await bed.service.addCost(more, of: worker.id, as: key)
            #expect(put.parkedAt != nil && put.amount == more.amount && again == put)
            let report = Report(status: .running, progress: 9, costUSD: "9000")
            let told = try await bed.service.report(worker.id, report, as: key)
            #expect(told.worker.progress == 9, "the report of such a cost is taken whole")
            let waiting = try await parked(bed)
            let newest = try #require(waiting.first)
            #expect(waiting.count == 20 && waiting.allSatisfy { $0.partOf == nil })
            #expect(newest.sequence == 20 && newest.parts == 2 && newest.told == "300")
            // The total has all that was told before in it.
            let sum = try waiting.reduce(USD.zero) { try $0 + $1.amount }
            #expect(sum == "9000" && told.parked == sum)
            let tokens = try await bed.service.worker(worker.id, as: key).inputTokens
            #expect(tokens == 7, "tokens count at once")
            let part = try await bed.code {
                let id = Identifier<ParkedCost>(put.id.uuid)
                _ = try await bed.service.decideCost(id, decision, as: bed.admin)
            }
            #expect(part == .illegalTransition)
            let decided = try await bed.service.decideCost(newest.id, decision, as: bed.admin)
            #expect(decided.amount == "3300")
            #expect(try await total(bed, key) == (decision == .accept ? "3300" : .zero))
            for cost in [more, NewCost(amount: "300", sequence: 20)] {
                let late = try await bed.service.addCost(cost, of: worker.id, as: key)
                #expect(late.sequence == cost.sequence)
            }
            #expect(try await parked(bed).count == 19)
        }
    }

    @Test(arguments: Door.direct)
    func `parts whose sum no column holds are kept one by one, and not accepted as less`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            for _ in 0..<23 {
                let cost = NewCost(amount: "8999999999")
                let put = try await bed.service.addCost(cost, of: worker.id, as: key)
                #expect(put.parkedAt != nil && put.amount == cost.amount)
            }
            let told = try await bed.service.report(worker.id, Report(costUSD: "3"), as: key)
            #expect(told.worker.costUSD == "3", "their sum is past every range, and hurts nobody")
            let whole = try #require(try await parked(bed).first { $0.parts > 0 })
            let refused = try await bed.code {
                _ = try await bed.service.decideCost(whole.id, .accept, as: bed.admin)
            }
            #expect(whole.parts == 3 && refused == .amountOutOfRange)
            _ = try await bed.service.decideCost(whole.id, .drop, as: bed.admin)
            let kept = try await bed.database.read { snapshot in
                try ParkedCost.where { $0.partOf == whole.id }.all(in: snapshot).map(\.told)
            }
            #expect(kept == Array(repeating: "8999999999", count: 3))
        }
    }

    @Test(arguments: Door.all)
    func `a sum out of range is an error with its cure, and the ledger stays as it was`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            for _ in 0..<2 {
                _ = try await bed.service.addCost(
                    NewCost(amount: "5000000000"), of: worker.id, as: key)
            }
            let ids = try await parked(bed).map(\.id)
            let first = try await bed.service.decideCost(ids[0], .accept, as: bed.admin)
            let refusal = try await failure(as: DibsError.self) {
                _ = try await bed.service.decideCost(ids[1], .accept, as: bed.admin)
            }
            #expect(refusal?.code == .amountOutOfRange && refusal?.hint?.isEmpty == false)
            #expect(try await total(bed, key) == "5000000000")
            // The cure: what was wrong is corrected, and the account goes on.
            let entry = try #require(first.entryID)
            let back = NewCost(amount: "-5000000000", corrects: entry)
            _ = try await bed.service.addCost(back, of: worker.id, as: bed.admin)
            _ = try await bed.service.decideCost(ids[1], .drop, as: bed.admin)
            let cost = NewCost(amount: "10", inputTokens: 1_000_000_000_000)
            _ = try await bed.service.addCost(cost, of: worker.id, as: key)
            #expect(try await total(bed, key) == "10")
        }
    }

    @Test(arguments: Door.all)
    func `entries are listed with their corrections, which only admins make and at any time`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let wrong = try await bed.service.addCost(NewCost(amount: "5"), of: worker.id, as: key)
            let back = NewCost(amount: "-4", corrects: wrong.id)
            for other in [key, Credential(worker.token)] {
                let own = try await bed.code {
                    _ = try await bed.service.addCost(back, of: worker.id, as: other)
                }
                #expect(own == .forbidden)
            }
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
            bed.clock.advance(seconds: 90 * 24 * 3600)
            let made = try await bed.service.addCost(back, of: worker.id, as: bed.admin)
            let ledger = try await bed.service.costs(of: worker.id, .first, as: key).items
            #expect(ledger == [wrong, made])
            let (_, stranger) = try await bed.account(NewAccount(name: "stranger"))
            let hidden = try await bed.code {
                _ = try await bed.service.costs(of: worker.id, .first, as: stranger)
            }
            #expect(hidden == .notFound)
        }
    }
}
