import DibsCore

/// One step of a history.
///
/// Things are chosen by a number that is taken modulo how many there are, so that a history stays
/// one when a step is left out.
enum Step: Sendable, Equatable, CustomStringConvertible {
    case add(workspace: Int, priority: Int, needsGPU: Bool, after: Int?, review: Bool, cost: Int?)
    case claim(account: Int, offersGPU: Bool, most: Int)
    /// A claim of one task.
    case name(Int, account: Int, offersGPU: Bool)
    case edit(Int, priority: Int)
    case start(Int)
    /// Asks one of two questions.
    case wait(Int, question: Int)
    /// Says how far it is.
    case word(Int)
    /// Leaves an artifact.
    case leave(Int)
    /// A cost by itself.
    case post(Int, cents: Int)
    /// A report with a number of its own.
    case numbered(Int, sequence: Int, progress: Int)
    /// A report under the key of an account, whosever the worker is.
    case foreign(Int, account: Int)
    /// A report of a worker that is not there.
    case unknown
    /// Whether an account may make tasks.
    case right(account: Int, mayCreate: Bool)
    /// A task of an account, again and again under one of two keys.
    case once(account: Int, key: Int)
    case spend(Int, cents: Int)
    case complete(Int)
    case fail(Int, FailureClass)
    case beat(Int)
    /// To a limit, or to what the agent asked.
    case answer(Int, LimitAnswer?)
    case limit(account: Int, cents: Int, workers: Int)
    case cancel(Int)
    case retry(Int)
    case release(Int)
    case approve(Int)
    case reject(Int)
    case pass(seconds: Int)
    case sleep(seconds: Int)

    var description: String {
        switch self {
        case .add(let workspace, let priority, let gpu, let after, let review, let cost):
            "add to \(workspace), priority \(priority), gpu \(gpu), "
                + "after \(after.map { "\($0)" } ?? "–"), review \(review), "
                + "cost \(cost.map { "\($0)" } ?? "–")"
        case .claim(let account, let gpu, let most): "claim by \(account), gpu \(gpu), \(most)"
        case .name(let task, let account, let gpu): "claim \(task) by \(account), gpu \(gpu)"
        case .edit(let task, let priority): "edit \(task), priority \(priority)"
        case .start(let worker): "start \(worker)"
        case .spend(let worker, let cents): "spend \(worker), \(cents) cents"
        case .complete(let worker): "complete \(worker)"
        case .fail(let worker, let reason): "fail \(worker), \(reason)"
        case .beat(let worker): "beat \(worker)"
        case .wait(let worker, let question): "wait \(worker), question \(question)"
        case .word(let worker): "word \(worker)"
        case .leave(let worker): "leave \(worker)"
        case .post(let worker, let cents): "post \(worker), \(cents) cents"
        case .numbered(let worker, let sequence, let progress):
            "report \(worker), number \(sequence), \(progress) %"
        case .foreign(let worker, let account): "report \(worker) by account \(account)"
        case .unknown: "report of nobody"
        case .right(let account, let may): "\(account) \(may ? "may" : "may not") make tasks"
        case .once(let account, let key): "add by \(account), key \(key)"
        case .answer(let worker, let answer): "answer \(worker), \(answer?.rawValue ?? "yes")"
        case .limit(let account, let cents, let workers):
            "limit \(account) to \(cents) cents and \(workers) workers"
        case .cancel(let task): "cancel \(task)"
        case .retry(let task): "retry \(task)"
        case .release(let task): "release \(task)"
        case .approve(let task): "approve \(task)"
        case .reject(let task): "reject \(task)"
        case .pass(let seconds): "pass \(seconds) s"
        case .sleep(let seconds): "sleep \(seconds) s"
        }
    }

    /// A step at random that neither spends nor changes a limit, so that no limit can be passed but
    /// by a mistake of ours.
    static func harmless(using random: inout some RandomNumberGenerator) -> Step {
        while true {
            let step = Self.random(using: &random)
            switch step {
            case .spend, .post, .limit: continue
            default: return step
            }
        }
    }

    /// The worker whose work the step is, which needs a slot; nil is no work of a worker.
    var worksOn: Int? {
        switch self {
        case .start(let number), .spend(let number, _), .word(let number), .leave(let number):
            number
        default: nil
        }
    }

    /// The most workers and cents that a step sets as a limit.
    static let (mostWorkers, mostCents) = (4, 108)

    /// A step at random; the likely ones are those that make histories long.
    static func random(using random: inout some RandomNumberGenerator) -> Step {
        let number = Int.random(in: 0..<1000, using: &random)
        switch Int.random(in: 0..<44, using: &random) {
        case 0..<6:
            let after = Int.random(in: 0..<4, using: &random) == 0 ? number : nil
            let cost = Int.random(in: 0..<3, using: &random) == 0 ? number % 60 + 1 : nil
            return .add(
                workspace: number % 2, priority: number % 3, needsGPU: number.isMultiple(of: 4),
                after: after, review: number.isMultiple(of: 5), cost: cost)
        case 6..<11:
            return .claim(
                account: number % 3, offersGPU: number.isMultiple(of: 2), most: number % 3 + 1)
        case 11..<13: return .start(number)
        case 13..<15:
            // Five thousand dollars are out of all proportion to any limit here.
            return .spend(number, cents: number.isMultiple(of: 25) ? 500_000 : number % 40)
        case 15..<17: return .complete(number)
        case 17:
            let reasons: [FailureClass] = [
                .agentFailed, .agentFailed, .infrastructure, .rateLimited, .budget, .waiting,
            ]
            return .fail(number, reasons[number % 6])
        case 18: return .beat(number)
        case 19: return .cancel(number)
        case 20: return .retry(number)
        case 21: return .release(number)
        case 22: return .approve(number)
        case 23: return .reject(number)
        // A lease is 900 seconds: most passes end beside its edge.
        case 24: return .pass(seconds: [40, 300, 880, 899, 900, 901][number % 6])
        case 25: return .sleep(seconds: number % 4 == 0 ? number * 80 : number + 40)
        case 26, 27: return .wait(number, question: number / 9 % 2)
        case 34, 35: return .word(number)
        case 36: return .leave(number)
        case 37: return .post(number, cents: number.isMultiple(of: 9) ? 500_000 : number % 20)
        case 38:
            let sequence = [1, 2, 3, 1_000_001, 2_000_000][number % 5]
            return .numbered(number, sequence: sequence, progress: number / 5 % 3)
        case 39: return .foreign(number, account: number % 3)
        case 40: return .unknown
        case 41: return .right(account: number % 3, mayCreate: number.isMultiple(of: 2))
        case 42, 43: return .once(account: number % 3, key: number / 3 % 2)
        case 28: return .answer(number, nil)
        case 29: return .answer(number, LimitAnswer.allCases[number % 3])
        case 30:
            return .limit(account: number % 3, cents: number % 10 * 12, workers: number % 4 + 1)
        case 31: return .name(number, account: number % 3, offersGPU: number.isMultiple(of: 2))
        case 32: return .edit(number, priority: number % 5)
        // Five failures in a row are rare by themselves.
        default: return .fail(number, .infrastructure)
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers for the same seed, everywhere.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
