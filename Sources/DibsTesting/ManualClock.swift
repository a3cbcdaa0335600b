package import DibsData
internal import DibsJSON
package import Foundation
internal import Synchronization

/// A clock that stands until a test moves it.
package final class ManualClock: Sendable {
    private let moment: Mutex<Date>

    /// A clock that shows a moment; 2026-11-24 09:30 UTC unless said.
    package init(_ start: Date = Date(timeIntervalSince1970: 1_795_512_600)) {
        moment = Mutex(start)
    }

    /// The time it shows.
    package var now: Date { moment.withLock { $0 } }

    /// Moves it on, to a whole millisecond: the small errors of many steps do not add up.
    package func advance(seconds: Double) {
        moment.withLock { $0 = Date(milliseconds: $0.addingTimeInterval(seconds).milliseconds) }
    }

    /// As the clock of a database.
    package var forDatabase: DatabaseClock { .told { self.now } }
}
