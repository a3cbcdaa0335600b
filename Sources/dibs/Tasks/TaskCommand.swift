internal import ArgumentParser
internal import DibsCore

/// The command `dibs task`.
struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task",
        abstract: "Pieces of work.",
        subcommands: [
            TaskAdd.self, TaskList.self, TaskShow.self, TaskCancel.self, TaskRetry.self,
            TaskRelease.self, TaskApprove.self, TaskReject.self, TaskEditCommand.self,
            TaskArchive.self, TaskDelete.self,
        ])
}
