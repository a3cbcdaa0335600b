import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation

extension ModelSite {
    /// What differs from the model, or nil; one snapshot, whatever the number of rows.
    func difference(from model: Model) async throws -> String? {
        let (tasks, workers, accounts) = (tasks, workers, accounts.map(\.id))
        let rows = try await bed.database.read { snapshot in
            Rows(
                tasks: try AgentTask.where { $0.id.in(tasks) }.all(in: snapshot),
                workers: try Worker.where { $0.id.in(workers) }.all(in: snapshot),
                leases: try Lease.where { $0.workerID.in(workers) }.all(in: snapshot),
                accounts: try Account.where { $0.id.in(accounts) }.all(in: snapshot),
                parked: try ParkedCost.where { $0.workerID.in(workers) }.all(in: snapshot),
                days: try AccountDay.where { $0.accountID.in(accounts) }.all(in: snapshot))
        }
        return try differenceOfTasks(model, rows) ?? differenceOfWorkers(model, rows)
            ?? differenceOfAccounts(model, rows)
    }

    /// What a comparison reads.
    struct Rows: Sendable {
        let tasks: [AgentTask]
        let workers: [Worker]
        let leases: [Lease]
        let accounts: [Account]
        let parked: [ParkedCost]
        let days: [AccountDay]
    }

    private func differenceOfTasks(_ model: Model, _ rows: Rows) -> String? {
        for (index, id) in tasks.enumerated() {
            guard let task = rows.tasks.first(where: { $0.id == id }) else {
                return "task \(index)"
            }
            var real = model.tasks[index]
            real.review = task.needsReview
            real.status = task.status
            real.attempts = task.attempts
            real.ends = task.ends
            real.notBefore = task.notBefore.map { Int($0.milliseconds - start.milliseconds) }
            real.cost = task.maxCost.map { Int($0.nanos / 10_000_000) }
            guard real == model.tasks[index] else {
                return "task \(index) is \(real), not \(model.tasks[index])"
            }
            guard task.openDependencies == model.openBlockers(of: index) else {
                return "task \(index) waits for \(task.openDependencies)"
            }
            guard task.openQuestions == model.openQuestions(of: index) else {
                return "task \(index) has \(task.openQuestions) open questions, not "
                    + "\(model.openQuestions(of: index))"
            }
        }
        return nil
    }

    private func differenceOfWorkers(_ model: Model, _ rows: Rows) -> String? {
        guard workers.count == model.workers.count else {
            return "\(workers.count) workers, not \(model.workers.count)"
        }
        for (index, id) in workers.enumerated() {
            guard let worker = rows.workers.first(where: { $0.id == id }) else {
                return "worker \(index)"
            }
            let lease = rows.leases.first { $0.workerID == id }
            var real = model.workers[index]
            real.status = worker.status
            real.failure = worker.failureClass
            real.spent = Int(worker.costUSD.nanos / 10_000_000)
            real.parked = rows.parked.filter { $0.workerID == id }
                .reduce(0) { $0 + Int($1.told.nanos / 10_000_000) }
            real.endedAt = worker.completedAt.map { Int($0.milliseconds - start.milliseconds) }
            if let lease {
                real.hold = Int(lease.hold.nanos / 10_000_000)
                real.counted = lease.counted
                real.sequence = lease.sequence
                real.answered = lease.answered
                real.expires = Int(lease.expiresAt.milliseconds - start.milliseconds)
            }
            guard real == model.workers[index], (lease != nil) == worker.status.isLive else {
                return "worker \(index) is \(real), not \(model.workers[index])"
            }
        }
        return nil
    }

    private func differenceOfAccounts(_ model: Model, _ rows: Rows) throws -> String? {
        for (index, (id, _)) in accounts.enumerated() {
            guard let account = rows.accounts.first(where: { $0.id == id }) else {
                return "account \(index)"
            }
            guard account.activeWorkers == model.counted(in: index).count else {
                return "account \(index) has \(account.activeWorkers) workers"
            }
            let days = rows.days.filter { $0.accountID == id && $0.spent > .zero }
                .map { "\($0.day) $\($0.spent)" }.sorted()
            let expected = model.accounts[index].spent.map { day, cents in
                let noon = Date(timeIntervalSince1970: 86_400 * Double(day) + 43_200)
                return "\(noon.formatted(.iso8601.year().month().day())) $\(Self.cents(cents))"
            }
            guard days == expected.sorted() else {
                return "account \(index) has spent \(days), not \(expected.sorted())"
            }
        }
        return nil
    }
}

extension WorkerStatus {
    fileprivate var isLive: Bool { !isEnded }
}

/// What must be true whatever happened.
extension ModelSite {
    /// The work of a step that was taken from a worker that has no slot, or nil.
    func workWithoutSlot(_ step: Step) async throws -> String? {
        guard let number = step.worksOn, !workers.isEmpty else { return nil }
        let id = workers[number % workers.count]
        let lent = try await bed.database.read { snapshot in
            try Lease.where {
                $0.workerID == id; $0.counted == false
            }
            .count(in: snapshot)
        }
        return lent == 0 ? nil : "work of a worker without a slot was taken"
    }

    /// What the events of the tasks do not account for, or nil: each leads by a legal change from
    /// the state before to the state after, and the last one to the state the task is in.
    func gapInEvents() async throws -> String? {
        let tasks = tasks
        let (rows, events) = try await bed.database.read { snapshot in
            (
                try AgentTask.where { $0.id.in(tasks) }.all(in: snapshot),
                try snapshot.rows(
                    "SELECT task_id, type FROM events WHERE task_id \(in: tasks) ORDER BY id",
                    as: AgentTask.ID.self, String.self)
            )
        }
        for task in rows {
            var status: TaskStatus?
            for (id, type) in events where id == task.id && type.hasPrefix("task.") {
                guard let next = Self.status(after: type, from: status, task) else {
                    return "\(type) of a task that is \(status.map(\.rawValue) ?? "not there")"
                }
                status = next
            }
            guard status == task.status else {
                return "a task is \(task.status), its events say \(status.map(\.rawValue) ?? "–")"
            }
        }
        return nil
    }

    private static func status(
        after type: String, from status: TaskStatus?, _ task: AgentTask
    ) -> TaskStatus? {
        switch type {
        case "task.created": status == nil ? .pending : nil
        case "task.updated": status
        case "task.claimed": status?.after(.claim)
        case "task.started": status?.after(.start)
        case "task.completed": status?.after(.finish)
        case "task.submitted": status?.after(.submit)
        case "task.returned": status?.after(.giveBack)
        case "task.failed": status?.after(.giveUp)
        case "task.adopted": status?.after(task.needsReview ? .adoptForReview : .adopt)
        case "task.approved": status?.after(.approve)
        case "task.rejected": status?.after(.reject)
        case "task.retried": status?.after(.retry)
        case "task.cancelled": status?.after(.cancel)
        default: nil
        }
    }
}
