import Synchronization

/// A clock on which short sleeps are over at once and long ones last until they are cancelled; it
/// remembers how long each was meant to be.
final class PatientClock: Clock {
    struct Instant: InstantProtocol {
        private var offset = Duration.zero
        func advanced(by duration: Duration) -> Instant {
            var later = self
            later.offset += duration
            return later
        }
        func duration(to other: Instant) -> Duration { other.offset - offset }
        static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    private let sleeps = Mutex<[Duration]>([])
    private let limit: Duration

    /// Sleeps of at most `limit` are over at once.
    init(limit: Duration = .seconds(15)) { self.limit = limit }

    var now: Instant { Instant() }
    var minimumResolution: Duration { .zero }

    /// Every sleep, in order.
    var all: [Duration] { sleeps.withLock { $0 } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let duration = now.duration(to: deadline)
        sleeps.withLock { $0.append(duration) }
        guard duration > limit else { return try Task.checkCancellation() }
        try await Task.sleep(for: .seconds(86_400))
    }
}
