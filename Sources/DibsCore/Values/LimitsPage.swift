/// docs/LIMITS.md, made from the bounds that the code itself goes by.
package enum LimitsPage {
    /// The whole page, in Markdown.
    package static var text: String {
        """
        # Limits

        This page is made by `make docs` from `Sources/DibsCore/Values/Bounds.swift`; a test fails
        when it is stale. What passes a limit is refused with `invalid_field` (400) and the field's
        name, or with `too_many` (422) where a task, an account or a day has no more room.

        A **character** is a Unicode scalar (a code point): `é` is one or two, as it is written, and
        a flag is two. A **byte** is one of UTF-8; of JSON, in its canonical text.

        ## Characters

        | what | at least | at most |
        | --- | --- | --- |
        \(characters.map(row).joined(separator: "\n"))

        ## Bytes

        | what | at most |
        | --- | --- |
        \(bytes.map { "| \($0.what) | \($0.most) |" }.joined(separator: "\n"))

        ## Numbers

        | what | at most |
        | --- | --- |
        \(counts.map { "| \($0.what) | \($0.most) |" }.joined(separator: "\n"))
        """
    }

    private static let characters: [(what: String, range: ClosedRange<Int>)] = [
        ("name of an account, a workspace, a source, a seat, a runner", Bounds.name),
        ("title of a task, an artifact, a milestone", Bounds.title),
        ("description of a task", Bounds.description),
        ("question, answer", Bounds.prose),
        ("kind of a question", Bounds.questionType),
        ("answer that is offered", Bounds.option),
        ("action of a worker", Bounds.action),
        ("error of a worker", Bounds.error),
        ("warning of a runner", Bounds.warning),
        ("capability", Capabilities.lengths),
        ("key in another system, dedupe key", Bounds.key),
        ("e-mail address", Bounds.email),
        ("address on the web, of a repository", Bounds.url),
        ("path, storage key", Bounds.path),
        ("branch", Bounds.branch),
        ("set-up command", Bounds.setup),
    ]

    private static let bytes: [(what: String, most: Int)] = [
        ("context of a task", Bounds.context),
        ("result of a task", Bounds.result),
        ("memory of a workspace", Bounds.memory),
        ("metadata of an artifact", Bounds.metadata),
        ("config of a source", Bounds.config),
        ("content of an artifact", Bounds.content),
        ("artifacts of a task together", Bounds.artifactBytesOfTask),
        ("artifacts of an account in a day of UTC", Bounds.artifactBytesOfDay),
    ]

    private static let counts: [(what: String, most: Int)] = [
        ("milestones of a report", Bounds.milestonesOfReport),
        ("warnings of a report", Bounds.warningsOfReport),
        ("answers that a question offers", Bounds.options),
        ("artifacts of a task", Bounds.artifactsOfTask),
        ("tasks that one waits for", Bounds.dependencies),
        ("files that are copied into a worktree", Bounds.copyIn),
    ]

    private static func row(_ entry: (what: String, range: ClosedRange<Int>)) -> String {
        "| \(entry.what) | \(entry.range.lowerBound) | \(entry.range.upperBound) |"
    }
}
