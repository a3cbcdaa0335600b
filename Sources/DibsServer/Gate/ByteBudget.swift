internal import DibsCore
internal import Synchronization

/// A number of bytes that all requests together may hold in memory.
///
/// One caller gets at most a part of it, so that nobody keeps the others out.
final class ByteBudget: Sendable {
    /// Bytes that are held until this is gone.
    final class Reservation: Sendable, Hashable {
        private let budget: ByteBudget
        private let holder: String
        private let held: Mutex<Int>

        fileprivate init(_ budget: ByteBudget, _ count: Int, _ holder: String) {
            (self.budget, self.holder) = (budget, holder)
            held = Mutex(count)
        }

        deinit { budget.release(count, holder) }

        /// Bytes that it holds.
        var count: Int { held.withLock { $0 } }

        /// Holds more or fewer bytes; throws `busy` when there are too few left, and holds then
        /// what it held.
        func resize(to count: Int) throws {
            try held.withLock { held in
                if count > held { try budget.take(count - held, holder) }
                if count < held { budget.release(held - count, holder) }
                held = count
            }
        }

        static func == (a: Reservation, b: Reservation) -> Bool { a === b }

        func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
    }

    private struct State {
        var all = 0
        var byHolder: [String: Int] = [:]
    }

    private let limit: Int
    private let share: Int
    private let state = Mutex(State())

    /// A budget of `limit` bytes, of which one holder may have `share`.
    init(limit: Int, share: Int) { (self.limit, self.share) = (limit, share) }

    /// Sets bytes aside for a holder; throws `busy` when there are too few left.
    func reserve(_ count: Int, for holder: String) throws -> Reservation {
        try take(count, holder)
        return Reservation(self, count, holder)
    }

    private func take(_ count: Int, _ holder: String) throws {
        let isThere = state.withLock { state in
            let held = state.byHolder[holder, default: 0]
            guard count <= limit - state.all, count <= share - held else { return false }
            state.all += count
            state.byHolder[holder] = held + count
            return true
        }
        guard !isThere else { return }
        throw DibsError(
            .busy, "Too many large requests or answers are under way.",
            details: ["bytes": "\(count)"], hint: "Try again in a moment, with less at once.")
    }

    /// Bytes that are held now.
    var held: Int { state.withLock { $0.all } }

    private func release(_ count: Int, _ holder: String) {
        state.withLock { state in
            state.all -= count
            let left = state.byHolder[holder, default: 0] - count
            state.byHolder[holder] = left > 0 ? left : nil
        }
    }
}
