import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Money is counted once, on its day, and never set aside twice")
struct MoneyTests {
    /// An account of $10 a day with five workers, and one of them at work.
    private func withWorker(
        through door: Door, _ change: (inout NewAccount) -> Void = { _ in },
        task: (inout NewTask) -> Void = { _ in },
        _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            var new = NewAccount(name: "payer", maxCostPerDay: "10", maxConcurrentWorkers: 5)
            change(&new)
            let (_, key) = try await bed.account(new, in: workspace)
            try await bed.task(in: workspace, task)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            try await body(bed, worker, key)
        }
    }

    private func spending(_ bed: TestBed, _ key: Credential) async throws -> Spending {
        try await bed.service.spending(of: nil, days: 7, as: key)
    }

    @Test(arguments: Door.all)
    func `a cost moves from what is held to what is spent`(through door: Door) async throws {
        try await withWorker(through: door) { bed, worker, key in
            #expect(worker.remainingToday == "8")  // $10, less a fifth of it held
            #expect(worker.stopAt == "1.9")
            let cost = NewCost(amount: "0.5", inputTokens: 900, model: "large")
            let entry = try await bed.service.addCost(cost, of: worker.id, as: key)
            #expect(entry.sequence == 1 && entry.day == "2026-11-24")
            #expect(entry.provenance == .reported)
            let spending = try await spending(bed, key)
            #expect(spending.spent == "0.5" && spending.held == "1.5")
            #expect(spending.remaining == "8" && spending.overdraft == .zero)
            #expect(spending.days.map(\.spent) == ["0.5"])
            let after = try await bed.service.worker(worker.id, as: key)
            #expect(after.costUSD == "0.5" && after.inputTokens == 900)
        }
    }

    @Test(arguments: Door.all)
    func `a cost told twice by its number counts once`(through door: Door) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let cost = NewCost(amount: "0.25", sequence: 3)
            let first = try await bed.service.addCost(cost, of: worker.id, as: key)
            let again = try await bed.service.addCost(cost, of: worker.id, as: key)
            #expect(again.id == first.id)
            let other = try await bed.code {
                let cost = NewCost(amount: "0.26", sequence: 3)
                _ = try await bed.service.addCost(cost, of: worker.id, as: key)
            }
            #expect(other == .duplicate)
            #expect(try await spending(bed, key).spent == "0.25")
        }
    }

    @Test(arguments: Door.all)
    func `a correction is an entry of its own on the day it corrects`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let wrong = try await bed.service.addCost(
                NewCost(amount: "2"), of: worker.id, as: key)
            bed.clock.advance(seconds: 20 * 3600)
            let taken = NewCost(amount: "-1.5", corrects: wrong.id)
            let entry = try await bed.service.addCost(taken, of: worker.id, as: bed.admin)
            #expect(entry.day == "2026-11-24" && entry.provenance == .corrected)
            let days = try await spending(bed, key).days
            #expect(days.map(\.day) == ["2026-11-24"] && days.map(\.spent) == ["0.5"])
            let tooMuch = try await bed.code {
                let cost = NewCost(amount: "-0.6", corrects: wrong.id)
                _ = try await bed.service.addCost(cost, of: worker.id, as: bed.admin)
            }
            #expect(tooMuch == .invalidAmount)
            let plain = try await bed.code {
                _ = try await bed.service.addCost(
                    NewCost(amount: "-0.1"), of: worker.id, as: key)
            }
            #expect(plain == .invalidField)
        }
    }

    @Test(arguments: Door.all)
    func `costs are taken for a day after the end, and no longer`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            _ = try await bed.service.report(worker.id, Report(status: .completed), as: key)
            bed.clock.advance(seconds: 24 * 3600 - 1)
            let late = try await bed.service.addCost(
                NewCost(amount: "0.1"), of: worker.id, as: key)
            #expect(late.provenance == .late)
            bed.clock.advance(seconds: 1)
            let tooLate = try await bed.code {
                _ = try await bed.service.addCost(NewCost(amount: "0.1"), of: worker.id, as: key)
            }
            #expect(tooLate == .leaseLost)
            #expect(try await bed.service.worker(worker.id, as: key).costUSD == "0.1")
        }
    }

    @Test(arguments: Door.all)
    func `an entry's moment lies between the one before and now`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let start = bed.clock.now
            bed.clock.advance(seconds: 100)
            var placed: [Double] = []
            for offset in [-50.0, 60, 30, 500] {
                let moment = start.addingTimeInterval(offset)
                let entry = try await bed.service.addCost(
                    NewCost(amount: "0.1", occurredAt: moment), of: worker.id, as: key)
                placed.append(entry.occurredAt.timeIntervalSince(start))
            }
            #expect(placed == [0, 60, 60, 100])  // never before it was claimed
        }
    }

    @Test(arguments: Door.direct)
    func `at midnight the rest of a hold counts against the new day`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            _ = try await bed.service.addCost(NewCost(amount: "0.5"), of: worker.id, as: key)
            bed.clock.advance(seconds: 15 * 3600)  // 00:30 the next day
            let morning = try await spending(bed, key)
            #expect(morning.today == "2026-11-25")
            #expect(morning.spent == .zero && morning.held == "1.5")
            #expect(morning.remaining == "8.5")
            // What was spent before midnight and is told after it counts on the day before.
            let before = bed.clock.now.addingTimeInterval(-3600)
            let entry = try await bed.service.addCost(
                NewCost(amount: "0.2", occurredAt: before), of: worker.id, as: key)
            #expect(entry.day == "2026-11-24")
            _ = try await bed.service.report(worker.id, Report(costUSD: "1"), as: key)
            #expect(try await spending(bed, key).days.map(\.spent) == ["0.3", "0.7"])
        }
    }

    /// Days of 23 and 25 hours, and one without a midnight (Havana goes from 23:59 to 01:00).
    @Test(arguments: [
        ("Europe/Berlin", "2027-03-28T10:00:00Z", "2027-03-28", "2027-03-28T22:00:00Z"),
        ("Europe/Berlin", "2027-03-27T23:00:00Z", "2027-03-28", "2027-03-28T22:00:00Z"),
        ("Europe/Berlin", "2027-10-30T22:00:00Z", "2027-10-31", "2027-10-31T23:00:00Z"),
        ("America/Havana", "2027-03-13T12:00:00Z", "2027-03-13", "2027-03-14T05:00:00Z"),
        ("America/Havana", "2027-03-14T05:00:00Z", "2027-03-14", "2027-03-15T04:00:00Z"),
        ("Asia/Kathmandu", "2026-12-31T18:15:00Z", "2027-01-01", "2027-01-01T18:15:00Z"),
    ])
    func `a day is the calendar's day, however long it is`(
        zone: String, moment: String, day: String, end: String
    ) async throws {
        try await Door.engineOnSQLite.open { bed in
            let (_, key) = try await bed.account(
                NewAccount(name: "far", maxCostPerDay: "1", timeZone: zone))
            bed.clock.advance(seconds: try self.moment(moment).timeIntervalSince(bed.clock.now))
            let spending = try await spending(bed, key)
            #expect(spending.today == day)
            #expect(spending.resetsAt == (try self.moment(end)))
        }
    }

    @Test(arguments: Door.direct)
    func `a cost counts on the day that its account has, not on that of UTC`(
        through door: Door
    ) async throws {
        // 09:30 in London is 22:30 in Auckland: two hours later it is the next day there.
        try await withWorker(through: door, { $0.timeZone = "Pacific/Auckland" }) {
            bed, worker, key in
            let today = try await bed.service.addCost(NewCost(amount: "1"), of: worker.id, as: key)
            bed.clock.advance(seconds: 2 * 3600)
            let tomorrow = try await bed.service.addCost(
                NewCost(amount: "1"), of: worker.id, as: key)
            #expect([today.day, tomorrow.day] == ["2026-11-24", "2026-11-25"])
            #expect(try await spending(bed, key).spent == "1")
        }
    }

    @Test(arguments: Door.direct)
    func `a correction makes no hold larger, and gives its room to the day`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let wrong = try await bed.service.addCost(
                NewCost(amount: "1.8"), of: worker.id, as: key)
            let before = try await spending(bed, key)
            #expect(before.held == "0.2")
            let back = NewCost(amount: "-1.8", corrects: wrong.id)
            _ = try await bed.service.addCost(back, of: worker.id, as: bed.admin)
            let after = try await spending(bed, key)
            #expect(after.held == "0.2" && after.spent == .zero && after.remaining == "9.8")
        }
    }

    @Test(arguments: Door.direct)
    func `why says that the money is spent, and when the day begins`(
        through door: Door
    ) async throws {
        try await withWorker(through: door, { $0.maxCostPerDay = "2" }) { bed, worker, key in
            let next = try await bed.task("next", in: worker.workspace)
            func money() async throws -> Gate? {
                let why = try await bed.service.why(next.id, Claimer(runner: "r"), as: key)
                return why.gates.first { $0.name == .money }
            }
            #expect(try await money()?.isOpen == true)
            _ = try await bed.service.report(worker.id, Report(costUSD: "2"), as: key)
            let closed = try #require(try await money())
            let midnight = try moment("2026-11-25T00:00:00Z")
            #expect(!closed.isOpen && closed.opensAt == midnight)
            #expect(try await bed.code { _ = try await bed.claim(as: key) } == .dayLimit)
        }
    }

    private func moment(_ text: String) throws -> Date {
        try Date(text, strategy: .iso8601)
    }

    @Test(arguments: Door.all)
    func `a new time zone counts from the later of both midnights`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            _ = try await bed.service.addCost(NewCost(amount: "1"), of: worker.id, as: key)
            // 09:30 in London and 18:30 in Tokyo, where midnight is earlier.
            let id = try await bed.service.account(nil, as: key).id
            let east = AccountChange(timeZone: "Asia/Tokyo")
            let changed = try await bed.service.updateAccount(id, east, as: bed.admin)
            #expect(changed.timeZone == "UTC" && changed.nextTimeZone == "Asia/Tokyo")
            #expect(changed.nextTimeZoneAt == (try moment("2026-11-25T00:00:00Z")))
            bed.clock.advance(seconds: 6 * 3600)  // after Tokyo's midnight
            #expect(try await spending(bed, key).spent == "1")
            bed.clock.advance(seconds: 9 * 3600)  // after both
            let after = try await spending(bed, key)
            #expect(after.timeZone == "Asia/Tokyo" && after.today == "2026-11-25")
            #expect(after.spent == .zero)
            #expect(after.resetsAt == (try moment("2026-11-25T15:00:00Z")))
            try await bed.reaper.tick()
            let settled = try await bed.service.account(nil, as: key)
            #expect(settled.timeZone == "Asia/Tokyo" && settled.nextTimeZone == nil)
        }
    }
}
