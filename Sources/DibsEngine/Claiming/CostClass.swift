internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// The amount that a task may still cost, in doublings of a cent, so that a lane tells it.
enum CostClass {
    /// 0 without a limit; else the least k ≥ 1 with `left` ≤ $0.01 × 2^(k−1).
    ///
    /// An account with that much money can afford all lower classes, some of this one, and none
    /// above.
    static func of(_ left: USD?) -> Int {
        guard let left else { return 0 }
        var (rung, most) = (1, Int64(10_000_000))
        while left.nanos > most, rung < 40 { (rung, most) = (rung + 1, most * 2) }
        return rung
    }
}
