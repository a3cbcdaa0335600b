internal import DibsCore
internal import DibsData
internal import DibsSchema

/// The messages of people for a live worker, kept until they have arrived.
///
/// An answer can be lost on its way. So an instruction is in every answer, heartbeats' too, from
/// the moment it was said until its worker reports something new after a report whose answer had
/// it; the same report again proves nothing.
enum Instructions {
    /// So many are given at once, the newest.
    static let most = 50

    /// Says something to the worker of a task, where one lives; said twice before it arrived it is
    /// given once.
    static func tell(
        _ text: String, on task: AgentTask.ID, by person: Account.ID, in tx: Transaction
    ) throws {
        let holder = try tx.rows(
            "SELECT worker_id FROM leases WHERE task_id = \(task)", as: Worker.ID.self)
        guard let worker = holder.first,
            try !waiting(for: worker, in: tx).contains(where: { $0.text == text })
        else { return }
        let now = try tx.now()
        tx.say(to: worker)
        _ = try tx.insert(Instruction.self) {
            $0.workerID = worker
            $0.accountID = person
            $0.text = text
            $0.createdAt = now
        }
    }

    /// Those that have not arrived, oldest first.
    static func waiting(
        for worker: Worker.ID, in session: some Session
    ) throws -> [Instruction] {
        try Instruction.where {
            $0.workerID == worker; $0.deliveredAt == nil
        }
        .order {
            $0.createdAt.descending; $0.id.descending
        }
        .limit(most).all(in: session).reversed()
    }

    /// Notes that a worker reported something new: what the answer before had has arrived.
    static func arrived(at worker: Worker.ID, in tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE instructions SET delivered_at = \(try tx.now())
            WHERE worker_id = \(worker) AND delivered_at IS NULL AND told_at IS NOT NULL
            """)
    }

    /// Notes that the answer to a report has them.
    static func told(to worker: Worker.ID, in tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE instructions SET told_at = \(try tx.now())
            WHERE worker_id = \(worker) AND delivered_at IS NULL AND told_at IS NULL
            """)
    }
}
