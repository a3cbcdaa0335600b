/// A clock on which every sleep is over at once: what waits on it turns as fast as it can.
package struct ImmediateClock: Clock {
    /// A number of nanoseconds since nothing in particular.
    package struct Instant: InstantProtocol {
        private var offset = Duration.zero

        /// The instant so much later.
        package func advanced(by duration: Duration) -> Instant {
            var later = self
            later.offset += duration
            return later
        }

        /// Measures the time to another instant.
        package func duration(to other: Instant) -> Duration { other.offset - offset }

        package static func < (a: Instant, b: Instant) -> Bool { a.offset < b.offset }
    }

    /// A clock.
    package init() {}

    /// Always the same.
    package var now: Instant { Instant() }

    /// Nothing.
    package var minimumResolution: Duration { .zero }

    /// Lets others go first; throws when the task is cancelled.
    package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}
