import DibsCore
import DibsEngine
import DibsTesting
import Foundation
import Testing

@Suite("No lease ends later than now and its own length, whatever the clock does")
struct LeaseClockTests {
    private func withWorker(
        through door: Door, _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task(in: workspace)
            let (_, key) = try await bed.account(in: workspace)
            let worker = try #require(
                try await bed.claim(as: key) { $0.leaseSeconds = 60 }.first)
            try await bed.reaper.tick()
            try await body(bed, worker, key)
        }
    }

    /// How the clock moves, in seconds, a tick after each.
    @Test(
        arguments: Door.direct,
        [[-3600], [3600, -3600], [3600, -3600, 3600, -3600], [-3600, 3600], [-3600, -3600]])
    func `a dead worker ends a lease's length after the clock has come to rest`(
        through door: Door, jumps: [Double]
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            for jump in jumps {
                bed.clock.advance(seconds: jump)
                let ended = try await bed.reaper.tick()
                #expect(ended == 0, "nobody dies of a clock")
            }
            let ended = try await bed.pass(seconds: 60)
            #expect(ended == 1)
        }
    }

    @Test(arguments: Door.direct)
    func `a live one goes on through it`(through door: Door) async throws {
        try await withWorker(through: door) { bed, worker, key in
            for jump in [-3600.0, 3600, 7200, -7200] {
                bed.clock.advance(seconds: jump)
                try await bed.reaper.tick()
                let told = try await bed.service.heartbeat(worker.id, as: key)
                #expect(told.leaseExpiresAt == bed.clock.now.addingTimeInterval(60))
                let ended = try await bed.pass(seconds: 50)
                #expect(ended == 0)
            }
        }
    }
}
