package import DibsCore
package import DibsData

extension Countdown: TableRecord {
    /// One row a completed task of which some edges are open; most completions need none.
    package static let table = Table<Countdown>(
        "countdowns",
        Column("task_id", \.taskID, primaryKey: true, onDelete: "CASCADE"),
        Column("created_at", \.createdAt, default: .now),
        make: Countdown.init)
}
