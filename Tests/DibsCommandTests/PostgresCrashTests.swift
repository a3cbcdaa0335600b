import DibsClient
import DibsCore
import DibsTesting
import Foundation
import Subprocess
import Synchronization
import SystemPackage
import Testing

@Suite("PostgreSQL can be killed under a server, too", .timeLimit(.minutes(15)))
struct PostgresCrashTests {
    /// Runs a test with a PostgreSQL of its own, which it may kill.
    static func withCluster(
        _ body: @escaping @Sendable (_ address: String, _ start: String) async throws -> Void
    ) async throws {
        let script = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Scripts/with-postgres").path(percentEncoded: false)
        // It says where the server is and which process keeps it.
        let command = #"echo "$DIBS_TEST_POSTGRES" "$DIBS_TEST_POSTGRES_START" $$; exec sleep 900"#
        _ = try await Subprocess.run(
            .path(FilePath(script)), arguments: ["sh", "-c", command],
            environment: .inherit.updating(["DIBS_TEST_POSTGRES": nil]),
            input: .none, output: .sequence, error: .discarded
        ) { execution in
            for try await line in execution.standardOutput.strings() {
                let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
                let keeper = try #require(pid_t(words[2]))
                defer { kill(keeper, SIGTERM) }
                try await body(words[0], words[1])
                break
            }
        }
    }

    /// The process that leads a server.
    static func leader(_ start: String) throws -> pid_t {
        let folder = URL(filePath: start).deletingLastPathComponent()
        let file = folder.appending(path: "data/postmaster.pid")
        let first = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").first
        return try #require(first.flatMap { pid_t($0) })
    }

    /// Kills every process of the server at once, and starts it again.
    private static func crash(_ start: String) async throws {
        let leader = try leader(start)
        try #require(kill(-leader, SIGKILL) == 0)
        let started = try await Subprocess.run(
            .path(FilePath(start)), output: .discarded, error: .string(limit: 1 << 16))
        try #require(started.terminationStatus == .exited(0), "\(started.standardError)")
    }

    @Test func `kill -9 of all of it under load, 50 times, loses nothing`() async throws {
        try await Self.withCluster { address, start in
            try await withProgram { program, _ in
                let environment = ["DIBS_ADMIN_KEY": AcknowledgedWork.key.secret]
                let serve = ["serve", "--port", "0", "--database", address]
                let work = AcknowledgedWork()
                try await program.running(
                    serve, with: environment, until: "listens on"
                ) { line in
                    let place = try #require(line.firstMatch(of: /http:\S+/)).output
                    let service = try HTTPDibsService(String(place))
                    let workspace = try await work.workspace(of: service)
                    let callers = Task {
                        await withTaskGroup { group in
                            for caller in 0..<8 {
                                group.addTask {
                                    await Self.insist(work, service, workspace, caller)
                                }
                            }
                        }
                    }
                    for _ in 0..<50 {
                        try await work.more(Int.random(in: 1...40))
                        try await Self.crash(start)
                        let losses = try await Self.insisting {
                            try await work.losses(at: service, lately: true)
                        }
                        #expect(losses == [])
                        let doctor = try await program.run("doctor", "--database", address)
                        #expect(doctor.status == .exited(0), "\(doctor.output)")
                    }
                    // And work goes on.
                    try await work.more(40)
                    callers.cancel()
                    await callers.value
                    let losses = try await work.losses(at: service)
                    #expect(losses == [])
                    let isPaid = try await work.isPaid(at: service)
                    #expect(isPaid)
                }
                let doctor = try await program.run("doctor", "--database", address)
                #expect(doctor.status == .exited(0), "\(doctor.output)")
                #expect(await work.completed.count > 50)
            }
        }
    }

    /// What can be read once the database is there again.
    static func insisting<T: Sendable>(
        _ read: @Sendable () async throws -> T
    ) async throws -> T {
        while true {
            do { return try await read() } catch let error as DibsError
                where error.code == .unavailable
            {}
        }
    }

    /// Works through crashes: what is refused while the database is away was not acknowledged.
    private static func insist(
        _ work: AcknowledgedWork, _ service: any DibsService, _ workspace: Workspace,
        _ caller: Int
    ) async {
        while !Task.isCancelled {
            do { try await work.step(on: service, in: workspace, caller) } catch {
                let passing: [ErrorCode] = [.unavailable, .unknownOutcome, .busy]
                let code = (error as? DibsError)?.code
                guard code.map({ passing.contains($0) }) != true else { continue }
                #expect(Task.isCancelled, "\(error)")
                return
            }
        }
    }
}
