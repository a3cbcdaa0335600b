import DibsCore
import DibsTesting
import Foundation
import Testing

@Suite("How the queue is doing can be measured")
struct MeasureTests {
    @Test(arguments: Door.all)
    func `the oldest task may be overtaken for as long as is said, and no longer`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (_, key) = try await bed.account(
                NewAccount(name: "w", maxConcurrentWorkers: 10), in: workspace)
            try await bed.task("old", in: workspace)
            bed.clock.advance(seconds: 3600)
            let measures = try await bed.service.measures(as: key)
            #expect(measures.priorityHeadStartSeconds == 3600)
            #expect(measures.oldestPendingSeconds == 3600)
            #expect(measures.overtakingEndsInSeconds == 999 * 3600)

            bed.clock.advance(seconds: 999 * 3600 - 1)
            try await bed.task("in time", in: workspace) { $0.priority = 1000 }
            #expect(try await bed.claim(as: key).map(\.task.title) == ["in time"])
            bed.clock.advance(seconds: 2)
            #expect(try await bed.service.measures(as: key).overtakingEndsInSeconds == 0)
            try await bed.task("too late", in: workspace) { $0.priority = 1000 }
            #expect(try await bed.claim(as: key).map(\.task.title) == ["old"])
        }
    }

    @Test(arguments: Door.all)
    func `lanes, workers and questions are counted where the caller may see them`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let (seen, hidden) = (
                try await bed.workspace("seen"), try await bed.workspace("hidden")
            )
            let (_, key) = try await bed.account(in: seen)
            for workspace in [seen, hidden] { try await bed.task(in: workspace) }
            let gpu = try Capabilities(["gpu"])
            try await bed.task(in: seen) { $0.requiredCapabilities = gpu }
            let worker = try #require(try await bed.claim(as: key).first)
            let question = WaitingFor(type: "choice", prompt: "Which?", options: ["a", "b"])
            let waiting = Report(status: .waitingInput, waitingFor: question)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            _ = try await bed.service.report(worker.id, waiting, as: key)

            let mine = try await bed.service.measures(as: key)
            #expect(mine.lanes == 2 && mine.liveWorkers == 1 && mine.openQuestions == 1)
            #expect(try await bed.service.measures(as: bed.admin).lanes == 3)
            #expect(mine.prometheusText.contains("\n# TYPE dibs_lanes gauge\ndibs_lanes 2\n"))
        }
    }
}
