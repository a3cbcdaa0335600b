import DibsCore
import DibsTesting
import Foundation
import Synchronization
import Testing

@testable import DibsRunner

@Suite("The agent's process", .timeLimit(.minutes(5)))
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

    @Test(arguments: ["", "trap '' TERM; "])
    func `cancelling ends it and all it has started`(_ deaf: String) async throws {
        try await withFolder { folder in
            let place = folder.path(percentEncoded: false)
            let held = place + "/held"
            try #require(mkfifo(held, 0o600) == 0)
            let pipe = open(held, O_RDONLY | O_NONBLOCK)
            defer { close(pipe) }
            // Each process that lives has the pipe open for writing.
            let script = "exec 3> held; (\(deaf)echo ready; while :; do sleep 1000; done) & wait"
            let ready = AsyncStream.makeStream(of: Void.self)
            let process = AgentProcess(
                command: ["sh", "-c", script], folder: place, input: "", variables: [:],
                grace: .milliseconds(100))
            let running = Task { try await process.run { _ in ready.continuation.finish() } }
            for await _ in ready.stream {}
            running.cancel()
            _ = try? await running.value
            var end = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
            #expect(poll(&end, 1, 10_000) == 1 && end.revents & Int16(POLLHUP) != 0)
        }
    }

    @Test func `what it started ends with it`() async throws {
        try await withFolder { folder in
            let held = folder.path(percentEncoded: false) + "/held"
            try #require(mkfifo(held, 0o600) == 0)
            let pipe = open(held, O_RDONLY | O_NONBLOCK)
            defer { close(pipe) }
            let end = try await run("exec 3> held; sleep 1000 >&- 2>&- & echo done", in: folder)
            #expect(end == .exited(0))
            var left = pollfd(fd: pipe, events: Int16(POLLIN), revents: 0)
            #expect(poll(&left, 1, 10_000) == 1 && left.revents & Int16(POLLHUP) != 0)
        }
    }
}
