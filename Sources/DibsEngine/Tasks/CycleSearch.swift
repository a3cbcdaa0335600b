internal import DibsCore
internal import DibsData
internal import DibsSchema

/// Looks whether a task that is about to wait for others is already waited for by one of them.
///
/// The search walks from both sides at once, a step at a time on the side that is smaller: down
/// from the blockers to what they wait for, up from the task to what waits for it. As soon as one
/// side has nowhere to go there is no circle, and most tasks are waited for by few. Each edge is
/// read once, and no more of them than `mostEdges`: whoever makes a net that is denser than that on
/// both sides is refused, instead of making everybody wait for the check.
struct CycleSearch {
    /// Edges one search reads, at most.
    static let mostEdges = 20_000
    /// Steps one search takes, at most: a chain is as many steps as it is long.
    static let mostSteps = 1000

    let task: AgentTask.ID
    let tx: Transaction

    /// Throws `dependency_cycle` when one of the blockers waits, however far away, for the task
    /// itself, and `too_many` when there is too much to look at.
    func check(_ blockers: [AgentTask.ID]) throws {
        var below = Set(blockers)
        var above: Set = [task]
        guard !below.contains(task) else { throw circle(through: task) }
        var (down, up) = (below, above)
        var edges = 0
        for _ in 0..<Self.mostSteps {
            guard !down.isEmpty, !up.isEmpty else { return }
            let goesDown = down.count <= up.count
            let left = Self.mostEdges - edges
            let found = try goesDown ? edgesDown(from: down, left) : edgesUp(from: up, left)
            guard found.count <= left else { throw Self.tooDense }
            edges += found.count
            let next = Set(found).subtracting(goesDown ? below : above)
            if let met = next.intersection(goesDown ? above : below).min() {
                throw circle(through: met)
            }
            if goesDown {
                below.formUnion(next)
                down = next
            } else {
                above.formUnion(next)
                up = next
            }
        }
        guard down.isEmpty || up.isEmpty else { throw Self.tooDense }
    }

    private func edgesDown(from tasks: Set<AgentTask.ID>, _ left: Int) throws -> [AgentTask.ID] {
        try tx.rows(
            """
            SELECT depends_on_id FROM task_dependencies WHERE task_id \(in: tasks)
            LIMIT \(left + 1)
            """, as: AgentTask.ID.self)
    }

    private func edgesUp(from tasks: Set<AgentTask.ID>, _ left: Int) throws -> [AgentTask.ID] {
        try tx.rows(
            """
            SELECT task_id FROM task_dependencies WHERE depends_on_id \(in: tasks)
            LIMIT \(left + 1)
            """, as: AgentTask.ID.self)
    }

    private func circle(through other: AgentTask.ID) -> DibsError {
        DibsError(
            .dependencyCycle, "The tasks would wait for each other.",
            details: ["task": "\(task)", "dependsOn": "\(other)"],
            hint: "That task waits for this one already; drop that edge first, or leave this out.")
    }

    private static let tooDense = DibsError(
        .tooMany, "Too many tasks wait for each other here to be checked for a circle.",
        details: ["edges": "\(mostEdges)", "steps": "\(mostSteps)"],
        hint: "Make a new task that waits for them: it needs no check.")
}
