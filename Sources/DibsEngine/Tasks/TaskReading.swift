package import DibsCore
internal import DibsData
internal import DibsSchema

extension Engine {
    package func tasks(
        _ filter: TaskFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<TaskView> {
        try await read(as: caller) { snapshot, caller in
            let visible = caller.visibleWorkspaces
            let query = AgentTask.where {
                $0.workspaceID.in(visible)
                if let workspace = filter.workspaceID { $0.workspaceID == workspace }
                if let status = filter.status { $0.status == status }
                if filter.archived { $0.archivedAt != nil } else { $0.archivedAt == nil }
            }
            let found = try query.order { $0.createdAt.descending }.page(page, in: snapshot)
            return DibsCore.Page(
                items: try TaskView.views(of: found.items, with: filter.parts, in: snapshot),
                nextCursor: found.nextCursor)
        }
    }

    package func task(
        _ id: Identifier<AgentTask>, with parts: Set<TaskPart>, as caller: Credential
    ) async throws -> TaskView {
        try await read(as: caller) { snapshot, caller in
            let task = try caller.task(id, in: snapshot)
            let views = try TaskView.views(of: [task], with: parts, in: snapshot)
            guard let view = views.first else { throw DibsError.notFound("task", id) }
            return view
        }
    }
}

extension TaskView {
    /// The tasks with their parts: one statement a part, however many tasks.
    static func views(
        of tasks: [AgentTask], with parts: Set<TaskPart>, in session: some Session
    ) throws -> [TaskView] {
        var views = tasks.map { TaskView(task: $0) }
        if parts.contains(.workspace) {
            let loaded = try AgentTask.workspace.load(for: tasks, in: session)
            for (index, workspace) in loaded.enumerated() { views[index].workspace = workspace }
        }
        if parts.contains(.artifacts) {
            let artifacts = AgentTask.artifacts.order {
                $0.createdAt; $0.id
            }
            let loaded = try artifacts.load(for: tasks, in: session)
            for (index, artifacts) in loaded.enumerated() { views[index].artifacts = artifacts }
        }
        if parts.contains(.workers) {
            let workers = AgentTask.workers.order {
                $0.createdAt; $0.id
            }
            let loaded = try workers.load(for: tasks, in: session)
            for (index, workers) in loaded.enumerated() { views[index].workers = workers }
        }
        return views
    }
}

extension Query where Root: Entity {
    /// A page in the words of the service.
    func page(_ request: PageRequest, in session: some Session) throws -> DibsCore.Page<Root> {
        let found = try page(after: request.cursor, limit: request.limit, in: session)
        return DibsCore.Page(items: found.items, nextCursor: found.next)
    }
}
