internal import DibsCore

/// A line by which an agent reports without speaking HTTP: any program can print it.
///
/// ```
/// echo "$DIBS_REPORT progress 40 Writing tests"
/// echo "$DIBS_REPORT milestone The tests pass"
/// echo "$DIBS_REPORT cost 0.0125"
/// ```
///
/// `DIBS_REPORT` is a mark of this one attempt, so that no file and no page that an agent prints
/// can speak for it. `progress` takes 0…100 and, if it likes, what is being done; `cost` takes
/// the US dollars so far; past nine places they are rounded up.
enum StepLine: Sendable, Hashable {
    case progress(Int, action: String?)
    case milestone(String)
    case cost(USD)

    /// The meaning of a line of output.
    enum Reading: Sendable, Hashable {
        /// A report.
        case step(StepLine)
        /// Nothing but output.
        case output
        /// Output that would be a report if it had the mark.
        case unmarked
        /// A report that cannot be taken, and why.
        case faulty(String)
    }

    /// The most that a title, an action or a milestone may have, in Unicode scalars.
    private static let lineLimit = 500
    /// No number that a program prints of itself is longer.
    private static let amountLimit = 40

    /// Reads a line of output, without terminal codes, of an agent that was given a mark.
    static func read(_ line: String, mark: String) -> Reading {
        let words = line.split(separator: " ", maxSplits: 2)
        guard let first = words.first else { return .output }
        guard first == mark else { return first == "::dibs" ? .unmarked : .output }
        guard words.count == 3 else { return .faulty("Its verb and a value are missing.") }
        let rest = words[2]
        switch words[1] {
        case "progress": return progress(rest)
        case "milestone":
            let title = rest.onOneLine(scalars: lineLimit)
            guard !title.isEmpty, OneLine.holds(title) else {
                return .faulty("A milestone says something.")
            }
            return .step(.milestone(title))
        case "cost":
            let word = rest.onOneLine(scalars: amountLimit + 1)
            guard word.utf8.count <= amountLimit, !word.hasPrefix("-"),
                let amount = USD(roundingUp: word)
            else {
                return .faulty(
                    "A cost is US dollars so far, such as 0.0125, without a sign of the currency.")
            }
            return .step(.cost(amount))
        default: return .faulty("The verbs are progress, milestone and cost.")
        }
    }

    private static func progress(_ rest: Substring) -> Reading {
        let parts = rest.split(separator: " ", maxSplits: 1)
        guard let number = parts.first.flatMap({ Int($0) }), (0...100).contains(number) else {
            return .faulty("Progress is a whole number from 0 to 100.")
        }
        let action = parts.count > 1 ? parts[1].onOneLine(scalars: lineLimit) : ""
        let isSaid = !action.isEmpty && OneLine.holds(action)
        return .step(.progress(number, action: isSaid ? action : nil))
    }

    /// The report it makes.
    var report: Report {
        switch self {
        case .progress(let number, let action): Report(progress: number, currentAction: action)
        case .milestone(let title): Report(milestones: [title])
        case .cost(let amount): Report(costUSD: amount)
        }
    }

    /// In words, for whoever watches.
    var words: String {
        switch self {
        case .progress(let number, let action): "progress \(number) \(action ?? "")"
        case .milestone(let title): "milestone \(title)"
        case .cost(let amount): "cost \(amount)"
        }
    }
}
