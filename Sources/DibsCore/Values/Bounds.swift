/// The sizes that parts of a request may have: said here, and checked, documented and shown from
/// here.
///
/// A character is a Unicode scalar (a code point) everywhere, as both databases count, and neither
/// a byte nor what a reader takes for one letter; a byte is one of UTF-8.
package enum Bounds {
    /// Characters of a name: of an account, a workspace, a source, a seat, a runner.
    package static let name = 1...200
    /// Characters of a title: of a task, an artifact, a milestone.
    package static let title = 1...500
    /// Characters of what a worker is doing.
    package static let action = 0...500
    /// Characters of what went wrong.
    package static let error = 0...10_000
    /// Milestones in one report.
    package static let milestonesOfReport = 50
    /// Characters of the kind of a question.
    package static let questionType = 1...50
    /// Characters of an answer that is offered.
    package static let option = 1...200
    /// Answers that one question offers.
    package static let options = 20
    /// Characters of what a runner noticed.
    package static let warning = 1...500
    /// Things a runner noticed, in one report.
    package static let warningsOfReport = 20
    /// Characters of a task's description.
    package static let description = 0...100_000
    /// Characters of an answer or of what is asked.
    package static let prose = 1...10_000
    /// Characters of a name in another system, or of a key that tells tasks apart.
    package static let key = 1...255
    /// Characters of an e-mail address (RFC 5321 section 4.5.3.1).
    package static let email = 1...320
    /// Characters of an address on the web or of a repository.
    package static let url = 1...2000
    /// Characters of a path on a machine, or of where an artifact is kept.
    package static let path = 1...4096
    /// Characters of a git branch.
    package static let branch = 1...1000
    /// Characters of the command that prepares a worktree.
    package static let setup = 1...4000
    /// Files and folders that are copied into each worktree.
    package static let copyIn = 100

    /// Bytes of a task's context, as canonical text.
    package static let context = 64 * 1024
    /// Bytes of a task's result, as canonical text.
    package static let result = 64 * 1024
    /// Bytes of a workspace's memory, as canonical text.
    package static let memory = 64 * 1024
    /// Bytes of an artifact's metadata, as canonical text.
    package static let metadata = 16 * 1024
    /// Bytes of a source's config, as canonical text.
    package static let config = 16 * 1024
    /// Bytes of an artifact's content.
    package static let content = 1024 * 1024

    /// Tasks one task may wait for; any number may wait for one.
    package static let dependencies = 1000
    /// Artifacts of one task.
    package static let artifactsOfTask = 200
    /// Bytes that the artifacts of one task hold together.
    package static let artifactBytesOfTask = 32 * 1024 * 1024
    /// Bytes that one account may leave in artifacts in a day of UTC.
    package static let artifactBytesOfDay = 1024 * 1024 * 1024
}
