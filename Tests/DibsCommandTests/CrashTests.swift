import DibsClient
import DibsCore
import DibsTesting
import Foundation
import Subprocess
import Testing

@Suite("A server that is killed loses nothing it has acknowledged", .timeLimit(.minutes(10)))
struct CrashTests {
    /// Starts a server so many times, kills each under load, and looks at the last one.
    ///
    /// Answers what was lost, and what `dibs doctor` said.
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
                try await program.running(
                    serve, with: environment, until: "listens on", ending: .kill
                ) { line in
                    let service = try service(at: line)
                    let workspace = try await work.workspace(of: service)
                    Task { try await work.go(on: service, in: workspace) }
                    try await work.more(Int.random(in: 1...60))
                }
                try afterEach(folder)
            }
            environment["LD_PRELOAD"] = nil
            let lost = try await program.running(serve, with: environment, until: "listens on") {
                try await work.losses(at: service(at: $0))
            }
            let doctor = try await program.run("doctor", "--database", database)
            let found = doctor.status == .exited(0) ? [] : [doctor.output]
            answer = (lost + found, await work.completed.count)
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
