package import DibsCore
internal import DibsData
internal import DibsSchema

extension Engine {
    package func tasks(
        _ filter: TaskFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<TaskView> {
        try await read(as: caller) { snapshot, caller in
            let visible = caller.visibleWorkspaces
            var page = page
            var query = AgentTask.where {
                $0.workspaceID.in(visible)
                if let workspace = filter.workspaceID { $0.workspaceID == workspace }
                if let status = filter.status { $0.status == status }
                if filter.archived { $0.archivedAt != nil } else { $0.archivedAt == nil }
            }
            if filter.parts.contains(.details) {
                page.limit = min(page.limit, TaskView.pageWithDetails)
            } else {
                query = query.leavingOut(\.description).leavingOut(\.context).leavingOut(\.result)
            }
            let found = try query.order { $0.createdAt.descending }.page(page, in: snapshot)
            var parts = TaskParts(filter.parts, ofEach: TaskView.partsOfEach)
            parts.haveDetails = filter.parts.contains(.details)
            return DibsCore.Page(
                items: try parts.views(of: found.items, in: snapshot),
                nextCursor: found.nextCursor)
        }
    }

    package func task(
        _ id: Identifier<AgentTask>, with parts: Set<TaskPart>, as caller: Credential
    ) async throws -> TaskView {
        try await read(as: caller) { snapshot, caller in
            let task = try caller.task(id, in: snapshot)
            let parts = TaskParts(
                parts, ofEach: TaskView.partsOfOne, withMilestones: TaskView.attemptsTold)
            guard let view = try parts.views(of: [task], in: snapshot).first else {
                throw DibsError.notFound("task", id)
            }
            return view
        }
    }
}

/// The parts that are to come with tasks: a statement or two a part, however many tasks.
struct TaskParts {
    private let wanted: Set<TaskPart>
    /// Artifacts and attempts of each task, the newest.
    private let most: Int
    /// Of these attempts so many, the newest, have their milestones and warnings.
    private let withMilestones: Int
    /// Whether the tasks were read whole.
    var haveDetails = true

    init(_ wanted: Set<TaskPart>, ofEach most: Int, withMilestones: Int = 0) {
        (self.wanted, self.most, self.withMilestones) = (wanted, most, withMilestones)
    }

    /// The tasks with their parts.
    func views(of tasks: [AgentTask], in session: some Session) throws -> [TaskView] {
        var views = tasks.map { TaskView(task: $0) }
        for index in views.indices { views[index].hasDetails = haveDetails }
        if wanted.contains(.workspace) {
            let loaded = try AgentTask.workspace.load(for: tasks, in: session)
            for (index, workspace) in loaded.enumerated() { views[index].workspace = workspace }
        }
        if wanted.contains(.artifacts) {
            let artifacts = AgentTask.artifacts.order {
                $0.createdAt.descending; $0.id.descending
            }
            let loaded = try artifacts.limit(most).load(for: tasks, in: session)
            let counts = try Self.counts(of: Artifact.self, tasks, in: session)
            for (index, newest) in loaded.enumerated() {
                views[index].artifacts = newest.reversed()
                views[index].artifactCount = counts[tasks[index].id] ?? 0
            }
        }
        if wanted.contains(.workers) {
            let workers = AgentTask.workers.order {
                $0.createdAt.descending; $0.id.descending
            }
            let brief = workers.limit(most).leavingOut(\.milestones).leavingOut(\.warnings)
            let loaded = try brief.load(for: tasks, in: session)
            let told =
                withMilestones > 0
                ? try workers.limit(withMilestones).load(for: tasks, in: session) : []
            let counts = try Self.counts(of: Worker.self, tasks, in: session)
            for (index, newest) in loaded.enumerated() {
                let whole = told.isEmpty ? [] : told[index]
                views[index].workers = (whole + newest.dropFirst(whole.count)).reversed()
                views[index].workerCount = counts[tasks[index].id] ?? 0
            }
        }
        if wanted.contains(.blockers) {
            let blockers = try OpenBlockers.first(of: tasks, in: session)
            for index in views.indices { views[index].blockers = blockers[tasks[index].id] ?? [] }
        }
        return views
    }

    private static func counts<Part: TableRecord>(
        of part: Part.Type, _ tasks: [AgentTask], in session: some Session
    ) throws -> [AgentTask.ID: Int] {
        let rows = try session.rows(
            """
            SELECT task_id, count(*) FROM \(part) WHERE task_id \(in: tasks.map(\.id))
            GROUP BY task_id
            """, as: AgentTask.ID.self, Int.self)
        return Dictionary(rows) { first, _ in first }
    }
}

/// The tasks that others wait for.
enum OpenBlockers {
    /// The first five of each task that it still waits for, those first that need a person.
    ///
    /// A task that waits for nothing is not in it.
    static func first(
        of tasks: [AgentTask], in session: some Session
    ) throws -> [AgentTask.ID: [Blocker]] {
        let waiting = tasks.filter { $0.openDependencies > 0 }.map(\.id)
        guard !waiting.isEmpty else { return [:] }
        let rows = try session.rows(
            """
            SELECT task_id, id, title, status FROM (
                SELECT d.task_id, b.id, b.title, b.status, row_number() OVER (
                    PARTITION BY d.task_id
                    ORDER BY CASE WHEN b.status IN ('failed', 'cancelled') THEN 0 ELSE 1 END,
                        b.created_at, b.id) AS place
                FROM task_dependencies d JOIN tasks b ON b.id = d.depends_on_id
                WHERE d.task_id \(in: waiting) AND d.is_open) x
            WHERE place <= \(TaskView.blockersOfEach) ORDER BY place
            """, as: AgentTask.ID.self, AgentTask.ID.self, String.self, TaskStatus.self)
        return rows.reduce(into: [:]) { blockers, row in
            let blocker = Blocker(id: row.1, title: row.2, status: row.3)
            blockers[row.0, default: []].append(blocker)
        }
    }

    /// In words, with what to do about those that nothing will complete by itself.
    static func words(_ blockers: [Blocker], of task: AgentTask) -> String {
        let names = blockers.map { "\($0.title) (\($0.status.rawValue))" }
        let more = task.openDependencies - blockers.count
        let rest = more > 0 ? " and \(more) more" : ""
        var words = "It waits for \(names.joined(separator: ", "))\(rest)."
        if blockers.allSatisfy({ $0.status == .completed }) {
            words += " What is completed lets it go within seconds."
        }
        if let dead = blockers.first(where: \.isDead) {
            words +=
                " What is \(dead.status.rawValue) opens nothing: try it again, "
                + "dibs task retry \(dead.id), or let it go, "
                + "dibs task edit \(task.id) --drop-depends-on \(dead.id)."
        }
        return words
    }
}

extension Query where Root: Entity {
    /// A page in the words of the service.
    func page(_ request: PageRequest, in session: some Session) throws -> DibsCore.Page<Root> {
        let found = try page(after: request.cursor, limit: request.limit, in: session)
        return DibsCore.Page(items: found.items, nextCursor: found.next)
    }
}
