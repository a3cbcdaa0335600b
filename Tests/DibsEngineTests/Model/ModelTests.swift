import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("The engine does what a plain model of the rules does")
struct ModelTests {
    /// Histories on each engine: `make soak` asks for more.
    private static let histories =
        ProcessInfo.processInfo.environment["DIBS_HISTORIES"].flatMap { Int($0) } ?? 1000

    private static let seed =
        ProcessInfo.processInfo.environment["DIBS_SEED"].flatMap { UInt64($0) }
        ?? UInt64.random(in: 0...UInt64.max)

    @Test(arguments: Door.direct)
    func `after each step of a random history both are in the same state`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            for number in 0..<Self.histories {
                let seed = Self.seed &+ UInt64(number)
                var random = SeededNumbers(seed: seed)
                let history = (0..<30).map { _ in Step.random(using: &random) }
                guard let difference = try await difference(in: history, bed) else { continue }
                let shortest = try await shrunk(history, bed)
                let steps = shortest.map(\.description).joined(separator: "\n")
                Issue.record("DIBS_SEED=\(seed): \(difference)\n\(steps)")
                return
            }
        }
    }

    /// Nobody can say in which order they come, so only what must always be true is looked at.
    @Test(arguments: Door.direct, [false, true])
    func `after steps of many callers at once everything agrees and no limit is passed`(
        through door: Door, spendingAndChangingLimits isWild: Bool
    ) async throws {
        try await door.open { bed in
            var random = SeededNumbers(seed: Self.seed)
            for number in 0..<Self.histories / 25 {
                var site = try await ModelSite(bed)
                for _ in 0..<10 {
                    let now = site
                    let steps = (0..<8).map { _ in
                        isWild ? Step.random(using: &random) : .harmless(using: &random)
                    }
                    let unexpected = await withTaskGroup(of: ErrorCode?.self) { group in
                        for step in steps {
                            group.addTask {
                                var mine = now
                                return await Self.refusal { try await mine.perform(step) }
                            }
                        }
                        return await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
                    }
                    #expect(unexpected == [], "DIBS_SEED=\(Self.seed), history \(number)")
                    try await site.reload()
                    #expect(try await site.passedLimit(afterChanges: isWild) == nil)
                }
                #expect(try await site.gapInEvents() == nil)
                #expect(try await bed.engine.findings() == [])
            }
        }
    }

    /// The code of a refusal that is not one of those that racing callers may get.
    private static func refusal(of step: () async throws -> Void) async -> ErrorCode? {
        do { try await step() } catch {
            let code = (error as? DibsError)?.code ?? .internalError
            let fair: [ErrorCode] = [
                .leaseLost, .illegalTransition, .workerLimit, .dayLimit, .workspaceLimit,
                .notFound, .taskNotClaimable, .sequenceReused, .invalidField, .forbidden,
            ]
            return fair.contains(code) ? nil : code
        }
        return nil
    }

    /// Leaves out steps as long as the rest still differs.
    private func shrunk(_ history: [Step], _ bed: TestBed) async throws -> [Step] {
        var shortest = history
        var index = shortest.count - 1
        while index >= 0 {
            var shorter = shortest
            shorter.remove(at: index)
            if try await difference(in: shorter, bed) != nil { shortest = shorter }
            index -= 1
        }
        return shortest
    }

    /// Where engine and model part, or nil when they never do.
    private func difference(in history: [Step], _ bed: TestBed) async throws -> String? {
        try await bed.reaper.tick()
        var site = try await ModelSite(bed)
        var model = Model(base: Int(site.start.milliseconds))
        _ = model.apply(.sleep(seconds: 0))
        var happenings = ModelHappenings()
        for (number, step) in history.enumerated() {
            let expected = model.apply(step)
            let before = site.workers.count
            let code = try await bed.code { try await site.perform(step) }
            guard code == expected else {
                let (found, wanted) = (code?.rawValue ?? "done", expected?.rawValue ?? "done")
                return "step \(number), \(step): \(found) instead of \(wanted)"
            }
            if code == nil {
                var words = try await happenings.passedLimit(
                    by: step, site.workers[before...], at: site, model)
                if words == nil { words = try await site.workWithoutSlot(step) }
                if let words { return "after step \(number), \(step): \(words)" }
            }
            // Reading everything takes as long as a step, so it is not done after each.
            guard number % 5 == 4 || number == history.count - 1 else { continue }
            if let words = try await site.difference(from: model) {
                return "after step \(number), \(step): \(words)"
            }
        }
        return try await site.gapInEvents()
    }
}
