internal import DibsCore

/// A line by which an agent reports without speaking HTTP: any program can print it.
///
/// ```
/// ::dibs progress 40 Writing tests
/// ::dibs milestone The tests pass
/// ::dibs cost 0.0125
/// ```
///
/// `progress` takes 0…100 and, if it likes, what is being done; `cost` takes the US dollars so far.
/// A line that begins with `::dibs` and means nothing is passed over like any other output.
enum StepLine: Sendable, Hashable {
    case progress(Int, action: String?)
    case milestone(String)
    case cost(USD)

    /// Reads a line of output; nil when it is only output.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ", maxSplits: 2)
        guard words.count == 3, words[0] == "::dibs" else { return nil }
        let rest = words[2]
        switch words[1] {
        case "progress":
            let parts = rest.split(separator: " ", maxSplits: 1)
            guard let number = Int(parts[0]), (0...100).contains(number) else { return nil }
            self = .progress(number, action: parts.dropFirst().first.map { String($0.prefix(500)) })
        case "milestone": self = .milestone(String(rest.prefix(500)))
        case "cost":
            guard let amount = USD(rest), amount >= .zero else { return nil }
            self = .cost(amount)
        default: return nil
        }
    }

    /// What it says in a report.
    var report: Report {
        switch self {
        case .progress(let number, let action): Report(progress: number, currentAction: action)
        case .milestone(let title): Report(milestones: [title])
        case .cost(let amount): Report(costUSD: amount)
        }
    }
}
