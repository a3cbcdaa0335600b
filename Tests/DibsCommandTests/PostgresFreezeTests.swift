#if os(Linux)
    import DibsClient
    import DibsCore
    import DibsData
    import DibsEngine
    import DibsTesting
    import Foundation
    import Testing

    @Suite("A PostgreSQL that says nothing is away, too", .timeLimit(.minutes(3)))
    struct PostgresFreezeTests {
        /// Stops or continues a server's processes, children first.
        private static func signal(_ number: Int32, _ leader: pid_t) throws {
            let all = try FileManager.default.contentsOfDirectory(atPath: "/proc")
            let children = all.compactMap { pid_t($0) }.filter { process in
                let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
                let fields = status?.split(separator: ")").last?.split(separator: " ") ?? []
                return fields.count > 1 && pid_t(fields[1]) == leader
            }
            for process in children + [leader] { kill(process, number) }
        }

        /// The code of a call's error and the seconds it took.
        private static func timed(
            _ call: () async throws -> Void
        ) async throws -> (code: ErrorCode?, seconds: Double) {
            let start = ContinuousClock.now
            let code = try await failure(as: DibsError.self, of: call)?.code
            return (code, start.duration(to: .now) / .seconds(1))
        }

        @Test func `while it is frozen each caller hears so soon, and after it all is served`()
            async throws
        {
            try await PostgresCrashTests.withCluster { address, start in
                try await withProgram { program, _ in
                    let serve = ["serve", "--port", "0", "--database", address]
                    try await program.running(
                        serve, with: ["DIBS_ADMIN_KEY": Program.key], until: "listens on"
                    ) { line in
                        let place = try #require(line.firstMatch(of: /http:\S+/)).output
                        let service = try HTTPDibsService(String(place))
                        let key = Credential(Program.key)
                        let workspace = try await service.createWorkspace(
                            NewWorkspace(name: "site"), as: key)
                        let database = ServerDatabase.open(address)
                        try await database.proveWritable()
                        let leader = try PostgresCrashTests.leader(start)
                        try Self.signal(SIGSTOP, leader)
                        let answers = try await Self.answers(
                            of: service, in: workspace, database, key)
                        try Self.signal(SIGCONT, leader)
                        #expect(answers.count == 66)
                        let others = answers.filter { $0.code != .unavailable }
                        #expect(others.isEmpty, "\(others)")
                        // Two seconds, and what a loaded machine adds; the server stays frozen
                        // until all have heard, and a request of its own accord ends after 30.
                        #expect(answers.allSatisfy { $0.seconds < 20 }, "\(answers)")
                        await database.close()
                        try await PostgresCrashTests.insisting {
                            try await service.ready()
                            _ = try await service.createTask(
                                NewTask(workspaceID: workspace.id, title: "after"), as: key)
                        }
                        let tasks = try await service.tasks(TaskFilter(), .first, as: key)
                        #expect(tasks.items.map(\.task.title) == ["after"])
                    }
                }
            }
        }

        /// Six callers over HTTP and sixty of a pool of eight connections, all at once.
        private static func answers(
            of service: any DibsService, in workspace: Workspace, _ database: Database,
            _ key: Credential
        ) async throws -> [(code: ErrorCode?, seconds: Double)] {
            try await withThrowingTaskGroup(
                of: (code: ErrorCode?, seconds: Double).self
            ) { group in
                for number in 0..<66 {
                    group.addTask {
                        try await timed {
                            if number >= 6 {
                                return try await translatingErrors {
                                    try await database.proveWritable()
                                }
                            }
                            if number.isMultiple(of: 2) { return try await service.ready() }
                            _ = try await service.createTask(
                                NewTask(workspaceID: workspace.id, title: "\(number)"), as: key)
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
    }
#endif
