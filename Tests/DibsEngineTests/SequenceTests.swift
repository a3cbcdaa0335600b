import DibsCore
import DibsEngine
import DibsJSON
import DibsTesting
import Foundation
import Testing

@Suite("A number is one report's, and none can be used up")
struct SequenceTests {
    private func withWorker(
        through door: Door, _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task(in: workspace)
            let (_, key) = try await bed.account(in: workspace)
            try await body(bed, try #require(try await bed.claim(as: key).first), key)
        }
    }

    @Test(arguments: Door.all)
    func `another report at or below the last number is refused with the last`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let first = Report(progress: 10, milestones: ["once"], sequence: 1000)
            _ = try await bed.service.report(worker.id, first, as: key)
            for sequence in [1, 999, 1000] {
                let refusal = try await failure(as: DibsError.self) {
                    _ = try await bed.service.report(
                        worker.id, Report(status: .completed, sequence: sequence), as: key)
                }
                #expect(refusal?.code == .sequenceReused)
                #expect(refusal?.details["last"] == "1000")
            }
            // The same one again is answered, and changes nothing.
            let again = try await bed.service.report(worker.id, first, as: key)
            #expect(again.worker.milestones.elements.count == 1)
            let end = Report(status: .completed, sequence: 1001)
            let done = try await bed.service.report(worker.id, end, as: key)
            #expect(done.worker.status == .completed)
            // Its answer may have been lost: the same end again is the same end.
            #expect(try await bed.service.report(worker.id, end, as: key) == done)
            let other = try await bed.code {
                let late = Report(status: .completed, progress: 1, sequence: 1001)
                _ = try await bed.service.report(worker.id, late, as: key)
            }
            #expect(other == .leaseLost)
        }
    }

    @Test(arguments: Door.direct, [0, -1, 1_000_001, 1 << 53, Int.max, Int.min])
    func `a jump that would use the numbers up is refused`(
        through door: Door, sequence: Int
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let code = try await bed.code {
                _ = try await bed.service.report(
                    worker.id, Report(progress: 10, sequence: sequence), as: key)
            }
            #expect(code == .invalidField)
            let far = Report(progress: 10, sequence: 1_000_000)
            _ = try await bed.service.report(worker.id, far, as: key)
            let farther = Report(progress: 11, sequence: 2_000_000)
            #expect(
                try await bed.service.report(worker.id, farther, as: key).worker.progress == 11)
        }
    }
}
