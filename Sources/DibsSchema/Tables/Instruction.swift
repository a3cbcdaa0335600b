package import DibsCore
package import DibsData

extension Instruction: Entity {
    /// One row a word to a worker.
    package static let table = Table<Instruction>(
        "instructions",
        Column("id", \.id, default: .random),
        Column("worker_id", \.workerID),
        Column("account_id", \.accountID),
        Column("text", \.text),
        Column("delivered_at", \.deliveredAt),
        Column("created_at", \.createdAt, default: .now),
        Column("told_at", \.toldAt),
        make: Instruction.init,
        indexes: [
            Index("instructions_worker_idx") {
                $0.workerID
            } where: {
                $0.deliveredAt == nil
            }
        ])
}
