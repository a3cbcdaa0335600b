import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("What a worker may spend is set aside before it does")
struct AllowanceTests {
    private func report(
        _ bed: TestBed, _ worker: ClaimedWorker, _ key: Credential, cost: USD
    ) async throws -> ReportAnswer {
        try await bed.service.report(worker.id, Report(costUSD: cost), as: key)
    }

    @Test(arguments: Door.all)
    func `a hold that nears its end is filled up while the day has room`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "payer", maxCostPerDay: "4", maxConcurrentWorkers: 4),
                in: workspace)
            try await bed.task(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            #expect(worker.stopAt == "0.95")
            // Below the reserve nothing is added; at it the hold is a dollar again.
            #expect(try await report(bed, worker, key, cost: "0.9").stopAt == "0.95")
            let full = try await report(bed, worker, key, cost: "0.95")
            #expect(full.stopAt == "1.8525" && full.stop == nil)  // 95 % of 1.95
            #expect(full.remainingToday == "2.05")
            // The last of the day: spent and held are the limit, and then it must stop.
            let last = try await report(bed, worker, key, cost: "3.9")
            #expect(last.remainingToday == .zero)
            #expect(last.stop == .dayLimit)
            let over = try await report(bed, worker, key, cost: "4.5")
            #expect(over.stop == .dayLimit)
            let spending = try await bed.service.spending(of: nil, days: 1, as: key)
            #expect(spending.overdraft == "0.5" && spending.remaining == .zero)
        }
    }

    @Test(arguments: Door.all)
    func `a day limit that is raised or lowered counts at once`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (account, key) = try await bed.account(
                NewAccount(name: "payer", maxCostPerDay: "1", maxConcurrentWorkers: 2),
                in: workspace)
            for number in 0..<3 { try await bed.task("\(number)", in: workspace) }
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await report(bed, worker, key, cost: "0.3")
            let lower = AccountChange(maxCostPerDay: .at("0.4"))
            _ = try await bed.service.updateAccount(account.id, lower, as: bed.admin)
            let refused = try await bed.code { _ = try await bed.claim(as: key) }
            #expect(refused == .dayLimit)
            let higher = AccountChange(maxCostPerDay: .at("2"))
            _ = try await bed.service.updateAccount(account.id, higher, as: bed.admin)
            #expect(try await bed.claim(as: key).count == 1)
        }
    }

    @Test(arguments: Door.direct)
    func `a task that the day cannot pay hides none behind it`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "payer", maxCostPerDay: "1", maxConcurrentWorkers: 9),
                in: workspace)
            let first = try await bed.task("cheap", in: workspace) { $0.maxCost = "0.3" }
            _ = try await bed.claim(as: key)
            for number in 0..<40 {
                try await bed.task("\(number)", in: workspace) {
                    $0.maxCost = USD(nanos: 700_000_001 + Int64(number) * 100_000_000)
                    $0.priority = 5
                }
            }
            let small = try await bed.task("small", in: workspace) { $0.maxCost = "0.7" }
            let taken = try await bed.claim(as: key) { $0.maxTasks = 3 }
            #expect(taken.map(\.taskID) == [small.id] && first.id != small.id)
            let broke = try await bed.code { _ = try await bed.claim(as: key) }
            #expect(broke == .dayLimit)
        }
    }

    @Test(arguments: Door.direct)
    func `with history a hold is what nine of ten tasks of the workspace cost`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "payer", maxCostPerDay: "1000", maxConcurrentWorkers: 2),
                in: workspace)
            for dollars in 1...10 {
                try await bed.task("\(dollars)", in: workspace)
                let worker = try #require(try await bed.claim(as: key).first)
                #expect(worker.stopAt == "475")  // half a day, as long as nothing is known
                let cost = USD(nanos: Int64(dollars) * 1_000_000_000)
                _ = try await bed.service.report(
                    worker.id, Report(status: .completed, costUSD: cost), as: key)
                bed.clock.advance(seconds: 1)
            }
            try await bed.pass(seconds: 61)
            let known = try await bed.service.workspace(workspace.id, as: key)
            #expect(known.expectedCost == "9")
            try await bed.task("next", in: workspace)
            #expect(try await bed.claim(as: key).first?.stopAt == "8.55")
            try await bed.task("small", in: workspace) { $0.maxCost = "2" }
            #expect(try await bed.claim(as: key).first?.stopAt == "1.9")
        }
    }

    @Test(arguments: Door.direct)
    func `an attempt that ends for want of money waits for the next day`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "payer", maxCostPerDay: "1"), in: workspace)
            let task = try await bed.task(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await report(bed, worker, key, cost: "1")
            _ = try await bed.service.report(
                worker.id, Report(status: .error, failureClass: .budget), as: key)
            let after = try await bed.service.task(task.id, with: [], as: key).task
            #expect(after.status == .pending && after.attempts == 0)
            let midnight = try Date("2026-11-25T00:00:00Z", strategy: .iso8601)
            #expect(after.notBefore == midnight)
        }
    }
}
