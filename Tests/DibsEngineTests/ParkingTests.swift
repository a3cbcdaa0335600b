import DibsCore
import Foundation
import Testing

@testable import DibsEngine

@Suite("Claims and heartbeats that wait always come back", .timeLimit(.minutes(1)))
struct ParkingTests {
    private let worker = Worker.ID(UUID())

    @Test func `a time that is over before a beat has parked ends its wait`() async {
        let beats = ParkedBeats()
        let ticket = beats.join(worker)
        for _ in 0..<2000 {
            beats.look(ticket)
            await beats.wait(ticket, atMost: .nanoseconds(1))
        }
        #expect(beats.parked == 0)
        beats.leave(ticket)
    }

    @Test func `a time that is over before a claim has parked ends its wait`() async {
        let wakes = Wakes()
        let ticket = wakes.join(ClaimRequest(runner: "test"))
        for _ in 0..<2000 {
            wakes.look(ticket)
            await wakes.wait(ticket, atMost: .nanoseconds(1))
        }
        #expect(wakes.parked == 0)
        wakes.leave(ticket, with: [])
    }

    @Test func `a beat that has not parked yet keeps the watch, and the last one ends it`() {
        let beats = ParkedBeats()
        let ticket = beats.join(worker)
        #expect(beats.beginWatching() && !beats.beginWatching())
        #expect(beats.watched()?.isEmpty == true)
        #expect(!beats.beginWatching(), "it is watched still")
        beats.leave(ticket)
        #expect(beats.watched() == nil && beats.beginWatching())
    }
}
