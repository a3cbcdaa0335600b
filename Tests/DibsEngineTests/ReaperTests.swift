import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Logging
import Synchronization
import Testing

/// An engine after whose next transaction that writes something else comes in between.
private struct Interposed: SQLEngine {
    final class Between: Sendable {
        private let action = Mutex<(@Sendable () async throws -> Void)?>(nil)

        func arm(_ action: @escaping @Sendable () async throws -> Void) {
            self.action.withLock { $0 = action }
        }

        var isArmed: Bool { action.withLock { $0 != nil } }

        fileprivate func take() -> (@Sendable () async throws -> Void)? {
            action.withLock { action in
                defer { action = nil }
                return action
            }
        }
    }

    let base: any SQLEngine
    let between: Between

    func read<T: Sendable>(
        statements: Int, _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await base.read(statements: statements, body) }

    func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        let value = try await base.write(body)
        try await between.take()?()
        return value
    }

    func scratch<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await base.scratch(body) }

    func close() async { await base.close() }
}

@Suite("The reaper looks again under the locks before it ends an attempt")
struct ReaperTests {
    @Test(arguments: Backend.all, ["renews", "completes"])
    func `what renews or ends between its two looks is left alone`(
        on backend: Backend, who: String
    ) async throws {
        try await backend.withPlace { place in
            let (clock, between) = (ManualClock(), Interposed.Between())
            let database = Database(clock: clock.forDatabase) {
                Interposed(base: try await place.open(), between: between)
            }
            try await database.migrate(Schema.migrations)
            let engine = try await Engine.open(
                database, settings: EngineSettings(leaseSeconds: 20), secret: TestBed.secret)
            let admin = Credential(try #require(await engine.makeFirstAdmin(key: nil)).apiKey)
            let workspace = try await engine.createWorkspace(
                NewWorkspace(name: "site"), as: admin)
            _ = try await engine.createTask(
                NewTask(workspaceID: workspace.id, title: "Fix"), as: admin)
            let claimed = try await engine.claim(ClaimRequest(runner: "r"), as: admin)
            let worker = try #require(claimed.workers.first)
            let reaper = Reaper(engine, logger: Logger(label: "dibs.test"))
            _ = try await reaper.tick()
            clock.advance(seconds: 20)
            between.arm {
                if who == "renews" {
                    _ = try await engine.heartbeat(worker.id, as: admin)
                } else {
                    _ = try await engine.report(
                        worker.id, Report(status: .completed), as: admin)
                }
            }
            #expect(try await reaper.tick() == 0)
            #expect(!between.isArmed)
            let after = try await engine.worker(worker.id, as: admin)
            #expect(after.failureClass == nil)
            #expect((after.completedAt == nil) == (who == "renews"))
            #expect(try await engine.findings() == [])
            // Without anybody in between it would have been ended.
            if who == "renews" {
                clock.advance(seconds: 20)
                #expect(try await reaper.tick() == 1)
            }
            await database.close()
        }
    }
}
