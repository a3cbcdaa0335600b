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
        ProcessInfo.processInfo.environment["DIBS_HISTORIES"].flatMap { Int($0) } ?? 150

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
        for (number, step) in history.enumerated() {
            let expected = model.apply(step)
            let code = try await bed.code { try await site.perform(step) }
            guard code == expected else {
                let (found, wanted) = (code?.rawValue ?? "done", expected?.rawValue ?? "done")
                return "step \(number), \(step): \(found) instead of \(wanted)"
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
