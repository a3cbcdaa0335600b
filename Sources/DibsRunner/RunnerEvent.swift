package import DibsCore

/// News that a runner tells whoever watches it.
package enum RunnerEvent: Sendable {
    /// The runner has a task.
    case claimed(ClaimedWorker)
    /// The agent works in a folder of its own.
    case started(ClaimedWorker, folder: String)
    /// The agent reported a step, in its own words.
    case step(ClaimedWorker, String)
    /// The agent printed a line.
    case output(ClaimedWorker, String)
    /// Something the agent did is not taken as it was meant, or cannot be kept.
    case warning(ClaimedWorker, String)
    /// The attempt ended, and how.
    case ended(ClaimedWorker, AttemptResult)
    /// Nothing was to be had, and why.
    case nothing(NothingReason?)
    /// Something is in the way for now; the runner tries again.
    case trouble(DibsError)
}

/// The end of an attempt.
package enum AttemptResult: Sendable, Hashable {
    /// The agent did it, and its branch has so many commits.
    case completed(commits: Int)
    /// The agent failed, and why.
    case failed(String)
    /// The task was given back: the runner was told to stop.
    case released
    /// The runner does not or cannot work there, and why.
    case refused(String)
    /// The server wanted it to stop, or gave the task to another.
    case stopped(String)
}

/// `1 commit`, `2 commits`.
package func counted(_ commits: Int) -> String {
    commits == 1 ? "1 commit" : "\(commits) commits"
}
