internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation
package import Logging
internal import ServiceLifecycle

/// Ends the attempts whose lease ran out, and lets tasks through whose time has come.
///
/// A lease ends when the reaper's transaction ends it, not when its moment passes; until then its
/// worker may renew it. It looks without locks, then ends one attempt a transaction under the locks
/// of a claim, looking again there; so any number of servers may run it.
package struct Reaper: Service {
    let engine: Engine
    let logger: Logger

    /// Attempts ended in one round, at most.
    static let batch = 100
    /// Steps of countdowns taken in one round, at most.
    static let steps = 100

    /// A reaper for the engine of this process.
    package init(_ engine: Engine, logger: Logger) { (self.engine, self.logger) = (engine, logger) }

    /// Ticks until the server shuts down; a tick that fails is logged, and the next one tries
    /// again.
    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                do {
                    let ended = try await tick()
                    if ended > 0 { logger.info("leases ended", metadata: ["count": "\(ended)"]) }
                } catch {
                    logger.warning("the reaper's tick failed", metadata: ["error": "\(error)"])
                }
                try? await Task.sleep(for: .seconds(engine.settings.reaperSeconds))
            }
        }
    }

    /// One look: answers how many attempts it ended.
    @discardableResult
    package func tick() async throws -> Int {
        let expired = try await engine.commit { tx in
            let now = try tx.now()
            try tx.execute(
                """
                UPDATE accounts SET time_zone = next_time_zone, next_time_zone = NULL,
                    next_time_zone_at = NULL WHERE next_time_zone_at <= \(now)
                """)
            try ExpectedCosts.refresh(at: now, in: tx)
            tx.open(try Self.letThrough(at: now, in: tx))
            // Leases are locked last, as everywhere.
            try Absence.forgive(at: now, in: tx)
            try LeaseRenewal.cut(at: now, in: tx)
            try Once.forget(before: now, in: tx)
            return try tx.rows(
                """
                SELECT worker_id FROM leases WHERE expires_at <= \(now)
                ORDER BY account_id, worker_id LIMIT \(Self.batch)
                """, as: Worker.ID.self)
        }
        var ended = 0
        for worker in expired where try await end(worker) { ended += 1 }
        for _ in 0..<Self.steps {
            guard try await engine.commit({ tx in try Dependencies.goOn(in: tx) }) else { break }
        }
        // In transactions of their own: they hold what claims take in another order.
        try await engine.commit { tx in try LaneSweep.pass(in: tx) }
        try await engine.commit { tx in try RunnersSeen.forget(before: tx.now(), in: tx) }
        return ended
    }

    /// The tasks whose time has come, at most 1,000.
    private static func letThrough(at now: Date, in tx: Transaction) throws -> [AgentTask] {
        try tx.all(
            AgentTask.self,
            """
            UPDATE tasks SET not_before = NULL
            WHERE id IN (
                SELECT id FROM tasks WHERE not_before IS NOT NULL AND not_before <= \(now)
                ORDER BY id LIMIT 1000 \(Lock.rowOrSkip))
            RETURNING \(columns: AgentTask.self)
            """)
    }

    private func end(_ id: Worker.ID) async throws -> Bool {
        try await engine.commit { tx in
            guard let worker = try Worker.where({ $0.id == id }).first(in: tx) else { return false }
            _ = try AccountRoom.locked(worker.accountID, in: tx)
            try AttemptEnd.lockPlace(of: worker, in: tx)
            let now = try tx.now()
            // Its worker may have renewed it, or ended, since we looked.
            let stillExpired = try tx.rows(
                """
                SELECT ends_at FROM leases WHERE worker_id = \(id) AND expires_at <= \(now)
                """, as: Date.self)
            guard let end = stillExpired.first else { return false }
            let error = end <= now ? "It has taken as long as it may." : nil
            let open = try Questions.asked(of: worker.taskID, in: tx)
            let reason: FailureClass = open > 0 ? .waiting : .leaseExpired
            try AttemptEnd(worker: worker, outcome: .failed(reason, error: error), tx: tx).run()
            return true
        }
    }
}
