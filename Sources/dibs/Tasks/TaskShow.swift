internal import ArgumentParser
internal import DibsCore
internal import DibsJSON
internal import DibsRunner
internal import Foundation

/// The command `dibs task show`.
struct TaskShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a task with its attempts and what they left.",
        discussion: """
            Examples:
              dibs task show 3fa9c1d2-…
              dibs task show 3fa9c1d2-… --json
            """)

    @Argument(help: "The task's id.")
    var id: String

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let view = try await connected.service.task(
            Connected.id(id), with: Set(TaskPart.allCases), as: connected.key)
        if server.json { return try Terminal.printJSON(view) }
        Terminal.print(Self.text(of: view))
    }

    static func text(of view: TaskView) -> String {
        let task = view.task
        let workspace = view.workspace?.name ?? "–"
        var lines = [
            Terminal.styled(task.title.asLine, .bold),
            "  \(task.status.rawValue) in \(workspace), priority \(task.priority)",
            "  \(task.attempts) of \(task.maxAttempts) attempts, made \(task.createdAt.rfc3339)",
        ]
        for blocker in view.blockers ?? [] {
            lines.append("  waits for \(blocker.title) (\(blocker.status.rawValue)) \(blocker.id)")
        }
        let blockers = view.blockers?.count ?? 0
        if task.openDependencies > blockers {
            lines.append("  and for \(task.openDependencies - blockers) more")
        }
        if !task.description.isEmpty {
            lines += ["", "  " + task.description.indented(by: 2)]
        }
        if let result = task.result { lines += ["", "result  \(result.canonicalText)"] }
        lines += Self.cut(view.workerCount, view.workers?.count, "attempts")
        for worker in view.workers ?? [] {
            lines += ["", "worker  \(worker.id)  \(worker.name)  \(worker.status.rawValue)"]
            lines.append(
                "        \(worker.branch)  \(counted(worker.commits))  "
                    + "+\(worker.linesAdded) −\(worker.linesRemoved)  $\(worker.costUSD)")
            for milestone in worker.milestones.elements {
                lines.append("        ✓ \(milestone.title.asLine)")
            }
            for warning in worker.warnings.elements {
                lines.append("        ! \(warning.asLine)")
            }
            if let error = worker.error { lines.append("        ✗ " + error.indented(by: 10)) }
        }
        lines += Self.cut(view.artifactCount, view.artifacts?.count, "artifacts")
        for artifact in view.artifacts ?? [] {
            let what = "\(artifact.type.rawValue)  \(artifact.title)  \(artifact.size) bytes"
            lines += ["", "artifact  \(artifact.id)  \(what)"]
        }
        return lines.joined(separator: "\n")
    }

    /// That there are more than are shown, and how many.
    private static func cut(_ all: Int?, _ shown: Int?, _ things: String) -> [String] {
        guard let all, let shown, all > shown else { return [] }
        return ["", "the newest \(shown) of \(all) \(things):"]
    }
}
