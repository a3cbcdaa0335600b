internal import DibsCore
package import DibsData

/// The tables of Dibs, a file each in `Tables/`; this is their list.
package enum Schema {
    /// Every table, parents before children.
    package static let tables: [AnyTable] = [
        AnyTable(Seat.table), AnyTable(Account.table), AnyTable(AccountSecret.table),
        AnyTable(AccountDay.table), AnyTable(Workspace.table), AnyTable(Grant.table),
        AnyTable(Source.table), AnyTable(Lane.table), AnyTable(AgentTask.table),
        AnyTable(TaskDependency.table), AnyTable(Countdown.table), AnyTable(Worker.table),
        AnyTable(Lease.table),
        AnyTable(Artifact.table), AnyTable(ArtifactContent.table), AnyTable(ArtifactDay.table),
        AnyTable(CostEntry.table), AnyTable(ParkedCost.table), AnyTable(Question.table),
        AnyTable(Instruction.table), AnyTable(RunnerSeen.table), AnyTable(Event.table),
        AnyTable(EventPosition.table), AnyTable(IdempotencyKey.table), AnyTable(Setting.table),
    ]
}
