import DibsCore
import DibsTesting
import Foundation
import Synchronization
import Testing

@testable import DibsRunner

@Suite("The agent's process")
struct AgentProcessTests {
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        func add(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private func run(
        _ script: String, input: String = "", in folder: URL, _ lines: Lines = Lines()
    ) async throws -> AgentProcess.End {
        try await AgentProcess(
            command: ["sh", "-c", script], folder: folder.path(percentEncoded: false), input: input,
            variables: ["DIBS_TOKEN": "dibw_own"], grace: .seconds(1)
        ).run { lines.add($0) }
    }

    @Test func `it reads the task, and its output is heard line by line`() async throws {
        try await withFolder { folder in
            let lines = Lines()
            let end = try await run(
                "cat; echo to standard error >&2; pwd", input: "Title\n\nAll of it\n", in: folder,
                lines)
            #expect(end == .exited(0))
            #expect(lines.all.prefix(4) == ["Title", "", "All of it", "to standard error"])
            #expect(lines.all.last?.contains(folder.lastPathComponent) == true)
        }
    }

    @Test func `it has the worker's token and never a key`() async throws {
        setenv("DIBS_KEY", "dibs_secret", 1)
        setenv("DIBS_DATABASE_URL", "postgres://secret", 1)
        defer {
            unsetenv("DIBS_KEY")
            unsetenv("DIBS_DATABASE_URL")
        }
        try await withFolder { folder in
            let lines = Lines()
            _ = try await run("env", in: folder, lines)
            #expect(lines.all.contains("DIBS_TOKEN=dibw_own"))
            #expect(!lines.all.contains { $0.contains("secret") })
            #expect(lines.all.contains { $0.hasPrefix("PATH=") })
        }
    }

    @Test func `a large task that is never read, and a line without an end, break nothing`()
        async throws
    {
        try await withFolder { folder in
            let lines = Lines()
            let script = "head -c 300000 /dev/zero | tr '\\0' x; echo; echo last"
            let end = try await run(
                script, input: String(repeating: "y", count: 1_000_000), in: folder, lines)
            #expect(end == .exited(0))
            #expect(lines.all.map(\.utf8.count) == [LineSplitter.limit, 4])
        }
    }

    @Test func `how it ends is known`() async throws {
        try await withFolder { folder in
            let ends = [
                try await run("exit 3", in: folder), try await run("kill -TERM $$", in: folder),
            ]
            #expect(ends == [.exited(3), .signaled(15)])
        }
    }

    @Test func `a command that is not there is said to be so`() async throws {
        let error = try await failure(as: DibsError.self) {
            try await AgentProcess(
                command: ["no-such-agent-here"], folder: "/", input: "", variables: [:],
                grace: .seconds(1)
            ).run { _ in }
        }
        #expect(error?.code == .usage)
    }

    @Test func `cancelling ends it and all it has started`() async throws {
        try await withFolder { folder in
            let lines = Lines()
            let ready = AsyncStream.makeStream(of: Void.self)
            let process = AgentProcess(
                command: ["sh", "-c", "sleep 1000 & echo $!; wait"],
                folder: folder.path(percentEncoded: false),
                input: "", variables: [:], grace: .seconds(5))
            let running = Task {
                try await process.run { line in
                    lines.add(line)
                    ready.continuation.finish()
                }
            }
            for await _ in ready.stream {}
            running.cancel()
            _ = try? await running.value
            let child = try #require(lines.all.first.flatMap { Int32($0) })
            // The signal went to the whole group; what is left of the child is at most its name.
            let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
            #expect(state == nil || state?.contains(") Z ") == true)
        }
    }
}
