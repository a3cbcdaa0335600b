internal import DibsCore

extension USD {
    /// The largest amount there is.
    static let largest = USD(nanos: USD.limit - 1)

    /// The sum of amounts that are only compared with limits: where it leaves the range it is the
    /// largest or the least amount there is.
    static func clamped(_ amounts: some Sequence<USD>) -> USD {
        amounts.reduce(.zero) { sum, amount in
            (try? sum + amount) ?? USD(nanos: amount < .zero ? -largest.nanos : largest.nanos)
        }
    }

    /// So many times as much, at most the largest amount there is.
    func times(_ count: Int64) -> USD {
        let (product, overflow) = nanos.multipliedReportingOverflow(by: count)
        return overflow ? .largest : min(USD(nanos: product), .largest)
    }
}

/// Tokens of a worker or a task.
enum Tokens {
    /// The most that one worker's counter takes.
    static let most = 1_000_000_000_000_000

    /// A worker's counter with more; throws `amount_out_of_range` past the most it takes.
    static func sum(_ counted: Int, _ more: Int) throws -> Int {
        let (sum, overflow) = counted.addingReportingOverflow(more)
        guard !overflow, sum <= most else {
            throw DibsError(
                .amountOutOfRange, "The tokens of a worker leave their range.",
                details: ["limit": "\(most)", "current": "\(counted)"],
                hint: "Send the tokens of this cost alone, not a running total.")
        }
        return sum
    }
}
