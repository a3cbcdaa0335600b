internal import DibsCore
internal import Foundation
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// The agent's process: a command with the task on its standard input.
///
/// The agent gets the worker's own token and never the account's key. It runs in a session of its
/// own, so that Ctrl-C reaches the runner alone, and so that the end reaches all it has started.
struct AgentProcess: Sendable {
    let command: [String]
    let folder: String
    let input: String
    /// Variables for the agent besides: `DIBS_URL` and the like.
    let variables: [String: String]
    /// Names of more of the runner's own variables that it may have.
    var passing: [String] = []
    /// Time it may take to end after SIGTERM before it is killed.
    let grace: Duration

    /// The end of the process.
    enum End: Sendable, Hashable {
        case exited(Int)
        case signaled(Int)
    }

    /// Runs it to its end and hands over each line of its output (standard error among it).
    ///
    /// Cancelling the task ends the process; whatever else it started ends with it, at the latest
    /// when this returns. Throws `usage` when there is no such command.
    func run(onLine: @escaping @Sendable (String) async -> Void) async throws -> End {
        let group = ProcessGroup()
        defer { group.kill() }
        do {
            let result = try await Subprocess.run(
                configuration,
                input: .fileDescriptor(standardInput(), closeAfterSpawningProcess: true),
                output: .sequence, error: .combinedWithOutput
            ) { execution in
                group.begin(execution.processIdentifier.value)
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
        let file = try PrivateFile("task", input.utf8)
        defer { file.remove() }
        return try file.opened()
    }

    private var configuration: Configuration {
        var options = PlatformOptions()
        options.createSession = true
        options.teardownSequence = [
            .gracefulShutDown(toProcessGroup: true, allowedDurationToNextStep: grace),
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .seconds(1)),
        ]
        let all = ChildEnvironment.forAgent(passing: passing)
            .merging(variables) { _, told in told }
        var environment: [Environment.Key: String] = [:]
        for (name, value) in all { environment[Environment.Key(stringLiteral: name)] = value }
        let executable: Executable =
            command[0].contains("/") ? .path(FilePath(command[0])) : .name(command[0])
        return Configuration(
            executable: executable, arguments: Arguments(Array(command.dropFirst())),
            environment: .custom(environment), workingDirectory: FilePath(folder),
            platformOptions: options)
    }
}

/// The group of a process and of all that it started and that did not leave it.
///
/// Ending a process asks its whole group to end, and waits for the process alone; who does not
/// listen, or has not come to it yet, is killed at last.
private final class ProcessGroup: Sendable {
    private let leader = Mutex<pid_t?>(nil)

    func begin(_ process: pid_t) { leader.withLock { $0 = process } }

    func kill() {
        guard let leader = leader.withLock({ $0 }) else { return }
        _ = Foundation.kill(-leader, SIGKILL)
    }
}
