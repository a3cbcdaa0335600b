internal import DibsCore
internal import DibsData
internal import Foundation

/// The news that a transaction has for the claims of this process, once it is durable.
enum Notice: Sendable {
    /// A task may be claimed now.
    case opened(AgentTask)
    /// There is room for one more worker: a slot, a seat, a place, or money.
    case room
    /// A limit or a right is another.
    case rules
    /// Something is said to a live worker, or it has ended.
    case said(to: Worker.ID)
    /// A claim has looked and taken.
    case looked(LaneFloors.Look)
}

extension Transaction {
    /// Tells of those among changed or new tasks that may be claimed now.
    ///
    /// Whatever can make a task ready ends with this call.
    func open(_ tasks: [AgentTask]) {
        for task in tasks where task.isReady { tell(Notice.opened(task)) }
    }

    /// Tells that one more worker may fit into a limit.
    func openRoom() { tell(Notice.room) }

    /// Tells that a worker has something to hear: a heartbeat of it may wait for that.
    func say(to worker: Worker.ID) { tell(Notice.said(to: worker)) }

    /// Tells that a limit or a right was changed.
    func changeRules() { tell(Notice.rules) }
}

extension AgentTask {
    /// The condition that `Candidates.ready` has in SQL.
    fileprivate var isReady: Bool {
        status == .pending && openDependencies == 0 && openQuestions == 0 && notBefore == nil
    }
}

extension Engine {
    /// One transaction; what it has to tell is heard when it is durable.
    func commit<T: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> T
    ) async throws -> T {
        let (value, news) = try await translatingErrors { try await database.writeTelling(body) }
        var openings: [Wakes.Opening] = []
        for case let notice as Notice in news {
            switch notice {
            case .opened(let task):
                floors.opened(task.laneID, task.rank)
                openings.append(
                    .task(task.id, in: task.workspaceID, needs: task.requiredCapabilities))
            case .room: openings.append(.room)
            case .rules: wakes.callAll()
            case .said(let worker): beats.call(worker)
            case .looked(let look): floors.raise(look)
            }
        }
        wakes.offer(openings)
        return value
    }
}
