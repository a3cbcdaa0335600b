import DibsClient
import DibsCore
import DibsTesting
import Foundation
import Subprocess
import Testing

@Suite("A server that is killed loses nothing it has acknowledged", .timeLimit(.minutes(10)))
struct CrashTests {
    /// Starts a server so many times, kills each under load, and looks at all after each start.
    ///
    /// Answers what was lost, and what `dibs doctor` said of what each of them had left.
    private func losses(
        afterKilling times: Int, with environment: [String: String] = [:],
        afterEach: @escaping @Sendable (URL) throws -> Void = { _ in }
    ) async throws -> (losses: [String], completed: Int) {
        var answer: ([String], Int) = ([], 0)
        try await withProgram { program, folder in
            let database = "sqlite:" + folder.path(percentEncoded: false) + "/a.sqlite"
            let serve = ["serve", "--port", "0", "--database", database]
            var environment = environment
            environment["DIBS_ADMIN_KEY"] = AcknowledgedWork.key.secret
            let work = AcknowledgedWork()
            for _ in 0..<times {
                answer.0 += try await program.running(
                    serve, with: environment, until: "listens on", ending: .kill
                ) { line in
                    let service = try service(at: line)
                    let workspace = try await work.workspace(of: service)
                    let lost = try await work.losses(at: service, lately: true)
                    Task { try await work.go(on: service, in: workspace) }
                    try await work.more(Int.random(in: 1...60))
                    return lost
                }
                try afterEach(folder)
                let doctor = try await program.run("doctor", "--database", database)
                if doctor.status != .exited(0) { answer.0.append(doctor.output) }
            }
            environment["LD_PRELOAD"] = nil
            answer.0 += try await program.running(serve, with: environment, until: "listens on") {
                let service = try service(at: $0)
                let isPaid = try await work.isPaid(at: service)
                return try await work.losses(at: service) + (isPaid ? [] : ["a cost"])
            }
            answer.1 = await work.completed.count
        }
        return answer
    }

    private func service(at line: String) throws -> HTTPDibsService {
        try HTTPDibsService(String(try #require(line.firstMatch(of: /http:\S+/)).output))
    }

    @Test func `kill -9 under load, 50 times`() async throws {
        let (losses, completed) = try await losses(afterKilling: 50)
        #expect(losses == [])
        #expect(completed > 50)
    }

    #if os(Linux)
        /// The library that keeps in memory what was not synced; see Sources/CPowerCut.
        private static let powerCut = [
            "LD_PRELOAD": URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
                .appending(path: "libpowercut.so").path(percentEncoded: false)
        ]

        /// Shared memory is gone after a power cut, too.
        @Sendable private static func forgetSharedMemory(in folder: URL) throws {
            try? FileManager.default.removeItem(at: folder.appending(path: "a.sqlite-shm"))
        }

        @Test func `the power is cut under load, 30 times`() async throws {
            let (losses, completed) = try await losses(
                afterKilling: 30, with: Self.powerCut, afterEach: Self.forgetSharedMemory)
            #expect(losses == [])
            #expect(completed > 30)
        }

        @Test func `the disk is full under load, 20 times`() async throws {
            try await withProgram { program, folder in
                let database = "sqlite:" + folder.path(percentEncoded: false) + "/a.sqlite"
                let serve = ["serve", "--port", "0", "--database", database]
                var environment = ["DIBS_ADMIN_KEY": AcknowledgedWork.key.secret]
                let work = AcknowledgedWork()
                for life in 0..<20 {
                    let told: ErrorCode? = try await program.running(
                        serve, with: environment, until: "listens on", ending: .kill
                    ) { line in
                        let service = try service(at: line)
                        let workspace = try await work.workspace(of: service)
                        let losses = try await work.losses(at: service, lately: life < 19)
                        #expect(losses == [], "life \(life)")
                        if life == 0 { return .unavailable }
                        let refusal = try await failure(as: DibsError.self) {
                            try await work.go(on: service, in: workspace)
                        }
                        let ready = try await failure(as: DibsError.self) {
                            try await service.ready()
                        }
                        #expect(ready?.code == .unavailable, "not ready while it is full")
                        // What can be read can still be read.
                        _ = try await service.tasks(TaskFilter(), .first, as: AcknowledgedWork.key)
                        return refusal?.code
                    }
                    #expect(told == .unavailable)
                    environment.merge(Self.powerCut) { $1 }
                    environment["POWERCUT_FULL_AFTER"] = "\(Int.random(in: 100...1500))"
                    let doctor = try await program.run("doctor", "--database", database)
                    #expect(doctor.status == .exited(0), "\(doctor.output)")
                }
                #expect(await work.completed.count > 20)
            }
        }

        /// The control: where syncs are not carried out, the same cuts do lose something.
        @Test func `without its syncs it loses what it has acknowledged`() async throws {
            var environment = Self.powerCut
            environment["POWERCUT_FORGETS_SYNC"] = "1"
            let (losses, _) = try await losses(
                afterKilling: 1, with: environment, afterEach: Self.forgetSharedMemory)
            #expect(!losses.isEmpty)
        }
    #endif
}
