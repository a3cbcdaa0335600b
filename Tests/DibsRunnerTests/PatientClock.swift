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
    private let free: Int?

    /// Sleeps of at most `limit` are over at once, and so is the one of that number, from 1.
    init(limit: Duration = .seconds(15), free: Int? = nil) {
        (self.limit, self.free) = (limit, free)
    }

    var now: Instant { Instant() }
    var minimumResolution: Duration { .zero }

    /// Every sleep, in order.
    var all: [Duration] { sleeps.withLock { $0 } }

    func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let duration = now.duration(to: deadline)
        let number = sleeps.withLock { sleeps in
            sleeps.append(duration)
            return sleeps.count
        }
        if duration > limit, number != free {
            // Nothing ever comes, until the task is cancelled.
            let (never, continuation) = AsyncStream.makeStream(of: Never.self)
            for await _ in never {}
            continuation.finish()
        }
        try Task.checkCancellation()
    }
}
