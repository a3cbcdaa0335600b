internal import DibsCore
internal import DibsData
internal import Foundation

/// What a transaction has to tell the claims of this process, once it is durable.
enum Notice: Sendable {
    /// A task may be claimed now.
    case opened(Lane.ID, rank: Date)
    /// There may be room: a slot, a seat, a place, money, a limit or a right.
    case room
    /// A claim has looked and taken.
    case looked(LaneFloors.Look)
}

extension Transaction {
    /// Tells of those among changed or new tasks that may be claimed now.
    ///
    /// Whatever can make a task ready ends with this call.
    func open(_ tasks: [AgentTask]) {
        for task in tasks where task.isReady {
            tell(Notice.opened(task.laneID, rank: task.rank))
        }
    }

    /// Tells that a limit may have room now.
    func openRoom() { tell(Notice.room) }
}

extension AgentTask {
    /// What `Candidates.ready` says in SQL.
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
        var isOpen = false
        for case let notice as Notice in news {
            switch notice {
            case .opened(let lane, let rank):
                floors.opened(lane, rank)
                isOpen = true
            case .room: isOpen = true
            case .looked(let look): floors.raise(look)
            }
        }
        if isOpen { wakes.wakeAll() }
        return value
    }
}
