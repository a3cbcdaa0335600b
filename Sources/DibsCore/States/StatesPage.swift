/// docs/STATES.md, made from the tables that the code itself goes by.
package enum StatesPage {
    /// The whole page, in Markdown.
    package static var text: String {
        """
        # States

        This page is made by `make docs` from the tables in `Sources/DibsCore/States`; a test fails
        when it is stale. What is not in a table is refused with `illegal_transition` (409).

        ## Task

        \(diagram(TaskStatus.self))

        \(table(TaskStatus.self))

        ## Worker

        A worker is live until it is `completed` or in `error`. It says what it does by reporting
        the status that this leads to; repeating the present one changes nothing.

        \(diagram(WorkerStatus.self))

        \(table(WorkerStatus.self))

        ## Why an attempt ended without a result

        | failure class | burns an attempt | claimable again after (first end, third end) |
        | --- | --- | --- |
        \(FailureClass.allCases.map(row).joined(separator: "\n"))
        """
    }

    private static func table<State: StateMachine>(_ type: State.Type) -> String {
        let rows = State.transitions.map { row in
            let from = row.from.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            return "| \(row.event.rawValue) | \(from) | `\(row.to.rawValue)` |"
        }
        return (["| event | from | to |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
    }

    private static func diagram<State: StateMachine>(_ type: State.Type) -> String {
        let first = State.allCases.first.map { ["    [*] --> \($0.rawValue)"] } ?? []
        let edges = State.transitions.flatMap { row in
            row.from.map { "    \($0.rawValue) --> \(row.to.rawValue): \(row.event.rawValue)" }
        }
        return (["```mermaid", "stateDiagram-v2"] + first + edges + ["```"])
            .joined(separator: "\n")
    }

    private static func row(_ reason: FailureClass) -> String {
        let waits = [1, 3].map { reason.backOffSeconds(attempts: $0) }.map { "\($0) s" }
        return "| `\(reason.rawValue)` | \(reason.burnsAttempt ? "yes" : "no") | "
            + waits.joined(separator: ", ") + " |"
    }
}
