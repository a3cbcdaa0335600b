internal import DibsCore
internal import Foundation
internal import Synchronization

/// The floors at which a claim begins to read each lane: no task before its floor may be claimed.
///
/// While an old snapshot lives (a backup, a long report), PostgreSQL keeps the index entries of all
/// that was claimed since, and whoever reads a lane from its start steps over each of them. SQLite
/// keeps none.
///
/// A floor is what this process knows: it is raised by a claim that took what was before it, and
/// lowered by every transaction here that opens a task. What another server opens is seen within
/// `trust`, when the lane is read from its start again; and a claim that finds too little looks
/// from the start at once.
final class LaneFloors: Sendable {
    /// Seconds after a look from the start during which its lanes are read from their floors.
    static let trust: TimeInterval = 1

    /// The knowledge of one lane.
    struct Floor: Sendable {
        /// No task of a lower rank may be claimed; nil is not known.
        var rank: Date?
        /// Moment at which the lane was last read from its start.
        var lookedAt = Date.distantPast
        /// Tasks that were opened in it, so that a look that began before one of them raises
        /// nothing.
        var openings = 0
    }

    /// All of it at one moment.
    struct View: Sendable {
        fileprivate let floors: [Lane.ID: Floor]
        fileprivate let moment: Date

        /// The floors that are still trusted.
        var trusted: [(lane: Lane.ID, rank: Date)] {
            floors.compactMap { lane, floor in
                let age = moment.timeIntervalSince(floor.lookedAt)
                guard let rank = floor.rank, 0 <= age, age < LaneFloors.trust else { return nil }
                return (lane, rank)
            }
        }
    }

    /// The tasks that a claim saw and took, beginning at the floors of a view or at the start.
    struct Look: Sendable {
        fileprivate let view: View
        fileprivate let fromFloor: Set<Lane.ID>
        fileprivate var ranks: [Lane.ID: Date] = [:]

        /// `found` are the first tasks of each of their lanes, by rank; the lanes in `fromFloor`
        /// were read from their floor, the others from their start.
        init(
            _ view: View, fromFloor: Set<Lane.ID>, found: [Candidates.Candidate],
            taken: Set<AgentTask.ID>
        ) {
            (self.view, self.fromFloor) = (view, fromFloor)
            var passed: Set<Lane.ID> = []
            for candidate in found where !passed.contains(candidate.lane) {
                ranks[candidate.lane] = candidate.rank
                if !taken.contains(candidate.task) { passed.insert(candidate.lane) }
            }
        }
    }

    private let floors = Mutex<[Lane.ID: Floor]>([:])

    /// Takes a view of the floors known now, before a look.
    func view(at moment: Date) -> View {
        View(floors: floors.withLock { $0 }, moment: moment)
    }

    /// A task of that rank may be claimed.
    func opened(_ lane: Lane.ID, _ rank: Date) {
        floors.withLock { floors in
            var floor = floors[lane] ?? Floor()
            floor.openings += 1
            floor.rank = floor.rank.map { min($0, rank) }
            floors[lane] = floor
        }
    }

    /// Takes over what a claim saw, where nothing was opened since it began.
    func raise(_ look: Look) {
        floors.withLock { floors in
            for (lane, rank) in look.ranks {
                let before = look.view.floors[lane] ?? Floor()
                guard before.openings == floors[lane]?.openings ?? 0 else { continue }
                let hadFloor = look.fromFloor.contains(lane)
                let lookedAt = hadFloor ? before.lookedAt : look.view.moment
                floors[lane] = Floor(rank: rank, lookedAt: lookedAt, openings: before.openings)
            }
        }
    }
}
