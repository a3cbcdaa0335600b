internal import DibsCore
internal import Foundation
internal import Subprocess
internal import SystemPackage

/// The agent's process: a command with the task on its standard input.
///
/// It gets the worker's own token and never the account's key. It runs in a session of its own, so
/// that Ctrl-C reaches the runner alone, and so that the end reaches all it has started.
struct AgentProcess: Sendable {
    let command: [String]
    let folder: String
    let input: String
    /// What it is told besides: `DIBS_URL` and the like.
    let variables: [String: String]
    /// How long it may take to end after SIGTERM before it is killed.
    let grace: Duration

    /// What the runner's own environment has and the agent must not see.
    private static let hidden = ["DIBS_KEY", "DIBS_ADMIN_KEY", "DIBS_DATABASE_URL", "DIBS_CONFIG"]

    /// How it ended.
    enum End: Sendable, Hashable {
        case exited(Int)
        case signaled(Int)
    }

    /// Runs it to its end and hands over each line of its output (standard error among it).
    ///
    /// Cancelling the task ends the process and all it started. Throws `usage` when there is no
    /// such command.
    func run(onLine: @escaping @Sendable (String) async -> Void) async throws -> End {
        do {
            let result = try await Subprocess.run(
                configuration,
                input: .fileDescriptor(standardInput(), closeAfterSpawningProcess: true),
                output: .sequence, error: .combinedWithOutput
            ) { execution in
                var lines = LineSplitter()
                for try await chunk in execution.standardOutput {
                    for line in chunk.withUnsafeBytes({ lines.add($0) }) { await onLine(line) }
                }
                if let last = lines.rest { await onLine(last) }
            }
            return switch result.terminationStatus {
            case .exited(let code): .exited(Int(code))
            case .signaled(let signal): .signaled(Int(signal))
            }
        } catch let error as SubprocessError {
            if Task.isCancelled { throw CancellationError() }
            throw DibsError(
                .usage, "The agent's command cannot be started.",
                details: ["command": command.joined(separator: " "), "reason": "\(error)"],
                hint: "Check the words after --.")
        }
    }

    /// The task as a file that has no name any more: unlike a pipe it needs nobody who writes, and
    /// an agent that never reads it breaks nothing.
    private func standardInput() throws -> FileDescriptor {
        let name = "dibs-task-" + UUID().uuidString
        let file = FileManager.default.temporaryDirectory.appending(path: name)
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try FileDescriptor.open(FilePath(file.path(percentEncoded: false)), .readOnly)
    }

    private var configuration: Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
        ]
        var changes: [Environment.Key: String?] = [:]
        for name in Self.hidden { changes[Environment.Key(stringLiteral: name)] = .some(nil) }
        for (name, value) in variables { changes[Environment.Key(stringLiteral: name)] = value }
        let executable: Executable =
            command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0])
        return Configuration(
            executable: executable, arguments: Arguments(Array(command.dropFirst())),
            environment: .inherit.updating(changes), workingDirectory: FilePath(folder),
            platformOptions: options)
    }
}
