import DibsClient
import DibsCore
import DibsData
import DibsSQLite
import DibsTesting
import Foundation
import Subprocess
import SystemPackage
import Testing

@Suite("The program itself, as a process", .serialized, .timeLimit(.minutes(3)))
struct ProcessTests {
    private static let key = Credential("dibs_" + String(repeating: "k", count: 43))
    private static let unreachable = ["DIBS_DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"]

    @Test func `help needs no database and no server`() async throws {
        try await withProgram { program, _ in
            let root = try await program.run("--help", with: Self.unreachable)
            #expect(root.status == .exited(0) && root.output.contains("dibs demo"))
            let serve = try await program.run("serve", "--help", with: Self.unreachable)
            #expect(serve.status == .exited(0))
        }
    }

    @Test func `what is wrong is said with a hint, a code and a number`() async throws {
        try await withProgram { program, _ in
            let database = try await program.run("migrate", with: Self.unreachable)
            #expect(database.status == .exited(69) && database.error.contains("Nothing listens"))
            #expect(
                database.error.contains("hint:") && database.error.contains("code: unavailable"))
            let key = try await program.run("task", "list")
            #expect(key.status == .exited(7) && key.error.contains("code: key_missing"))
            let server = try await program.run(
                "task", "list", "--key", "k", "--url", "http://127.0.0.1:1")
            #expect(server.status == .exited(69))
            #expect(server.error.contains("code: server_unreachable"))
            let usage = try await program.run("task", "add")
            #expect(usage.status == .exited(64) && usage.error.contains("Usage"))
        }
    }

    @Test func `migrate runs once, and its check sees what was changed by hand`() async throws {
        try await withProgram { program, folder in
            let database = "sqlite:" + folder.path(percentEncoded: false) + "/a.sqlite"
            let before = try await program.run("migrate", "--check", "--database", database)
            #expect(before.status == .exited(9) && before.output.contains("0001_accounts"))
            let first = try await program.run("migrate", "--database", database)
            #expect(first.status == .exited(0) && first.output.contains("ran 0005_events"))
            let again = try await program.run("migrate", "--database", database)
            #expect(again.output.contains("up to date"))
            let check = try await program.run("migrate", "--check", "--database", database)
            #expect(check.status == .exited(0))
            for (change, line) in Self.changes {
                try await Self.change(folder, by: change)
                let after = try await program.run("migrate", "--check", "--database", database)
                #expect(after.status == .exited(9) && after.output.contains(line), "\(line)")
                #expect(after.error.contains("code: schema_drift"))
            }
            let vain = try await program.run("migrate", "--database", database)
            #expect(vain.status == .exited(0), "what was changed by hand is left to who did it")
        }
    }

    /// What a person may do to a schema, and a line that says so.
    private static let changes = [
        ("ALTER TABLE tasks ADD COLUMN by_hand TEXT", "not declared: tasks.by_hand TEXT"),
        ("DROP INDEX tasks_claim_idx", "missing here: tasks index tasks_claim_idx"),
    ]

    private static func change(_ folder: URL, by statement: String) async throws {
        let path = folder.path(percentEncoded: false) + "/a.sqlite"
        let database = Database { try await SQLiteEngine.open(path: path) }
        try await database.write { try $0.script(statement) }
        await database.close()
    }

    @Test func `a migration that is not the one that ran is refused`() async throws {
        try await withProgram { program, folder in
            let database = "sqlite:" + folder.path(percentEncoded: false) + "/a.sqlite"
            _ = try await program.run("migrate", "--database", database)
            try await Self.change(folder, by: "UPDATE schema_migrations SET checksum = 1")
            for words in [["migrate"], ["migrate", "--check"], ["serve", "--port", "0"]] {
                let again = try await program.run(words + ["--database", database])
                #expect(again.status == .exited(9), "\(words) \(again)")
            }
        }
    }

    /// A server with a workspace of a repository with one commit.
    private func withSite(
        leaseSeconds: Int = 60,
        _ body:
            @escaping @Sendable (Program, HTTPDibsService, Workspace, [String: String])
            async throws -> Void
    ) async throws {
        try await withProgram { program, folder in
            let repository = folder.appending(path: "repository")
            try await Self.makeRepository(at: repository)
            let serve = [
                "serve", "--port", "0", "--lease-seconds", "\(leaseSeconds)", "--database",
                "sqlite:" + folder.path(percentEncoded: false) + "/a.sqlite",
            ]
            let admin = ["DIBS_ADMIN_KEY": Self.key.secret]
            try await program.running(serve, with: admin, until: "listens on") { line in
                let address = String(try #require(line.firstMatch(of: /http:\S+/)).output)
                let service = try HTTPDibsService(address)
                let workspace = try await service.createWorkspace(
                    NewWorkspace(
                        name: "site", localPath: repository.path(percentEncoded: false)),
                    as: Self.key)
                try await body(
                    program, service, workspace,
                    ["DIBS_URL": address, "DIBS_KEY": Self.key.secret])
            }
        }
    }

    @Test(arguments: [Signal.terminalClosed, .interrupt, .terminate])
    func `a runner that is told to end gives its task back`(by signal: Signal) async throws {
        try await withSite { program, service, workspace, environment in
            let task = try await service.createTask(
                NewTask(workspaceID: workspace.id, title: "Fix it"), as: Self.key)
            _ = try await program.running(
                ["work", "--workspace", "site", "--", "sh", "-c", "echo at work; sleep 60"],
                with: environment, until: "at work", ending: signal
            ) { _ in }
            let after = try await service.task(task.id, with: [], as: Self.key).task
            #expect(after.status == .pending && after.attempts == 0)
        }
    }

    @Test func `the exit status of one task says how it ended`() async throws {
        try await withSite { program, service, workspace, environment in
            let cancel =
                #"curl -sf -X POST -H "Authorization: Bearer $KEY" "#
                + #""$DIBS_URL/api/tasks/$DIBS_TASK_ID/cancel""#
            for (script, status) in [("true", 0), ("exit 3", 1), (cancel, 6)] as [(String, Int32)] {
                _ = try await service.createTask(
                    NewTask(workspaceID: workspace.id, title: "Fix it"), as: Self.key)
                let work = try await program.run(
                    ["work", "--once", "--pass-env", "KEY", "--", "sh", "-c", script],
                    with: environment.merging(["KEY": Self.key.secret]) { $1 })
                #expect(work.status == .exited(status), "\(script): \(work.output)")
            }
            _ = try await service.createTask(
                NewTask(workspaceID: workspace.id, title: "Fix it", priority: 9), as: Self.key)
            let away = try #require(workspace.localPath)
            try FileManager.default.moveItem(atPath: away, toPath: away + "-away")
            let unfit = try await program.run(
                ["work", "--once", "--", "true"], with: environment)
            #expect(unfit.status == .exited(8), "\(unfit.output)")
        }
    }

    @Test func `a killed runner's task goes to another, and its late word gets 409`() async throws {
        try await withSite(leaseSeconds: 3) { program, service, workspace, environment in
            let key = Self.key
            let task = try await service.createTask(
                NewTask(workspaceID: workspace.id, title: "Fix it"), as: key)
            let dead = try await program.running(
                [
                    "work", "--workspace", "site", "--",
                    "sh", "-c", "echo $DIBS_WORKER_ID at work; sleep 60",
                ],
                with: environment, until: "at work", ending: .kill
            ) { line in
                let worker = try #require(line.firstMatch(of: /[0-9a-f-]{36}/)).output
                return try #require(Identifier<Worker>(String(worker)))
            }
            // The claim itself waits for the lease to end: 3 s and one tick of the reaper.
            let next = try await service.claim(
                ClaimRequest(runner: "another", waitSeconds: 30), as: key)
            #expect(next.workers.first?.taskID == task.id)
            let late = try await failure(as: DibsError.self) {
                try await service.report(dead, Report(status: .completed), as: key)
            }
            #expect(late?.code == .leaseLost)
            #expect(late?.details["holder"] == next.workers.first?.id.description)
        }
    }

    private static func makeRepository(at folder: URL) async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let script = """
            git init -q -b main . && git config user.name T && git config user.email t@example.org
            echo one > file && git add . && git commit -q -m first
            """
        _ = try await Subprocess.run(
            .name("sh"), arguments: ["-ec", script],
            workingDirectory: FilePath(folder.path(percentEncoded: false)), output: .discarded)
    }
}
