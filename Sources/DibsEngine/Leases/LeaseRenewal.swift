internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Carries a lease forward; this statement is the fence that every write of a worker passes.
enum LeaseRenewal {
    /// After its end a lease lives for so many seconds, in which its worker wraps up.
    static let wrapUp: TimeInterval = 60

    private static let renew = Command { (worker: Slot<Worker.ID>, now: Slot<Date>) in
        """
        UPDATE leases SET expires_at = \(sqlite: "max", postgres: "greatest")(
            expires_at, \(sqlite: "min", postgres: "least")(\(Self.end(of: now)), \(Self.last)))
        WHERE worker_id = \(worker) RETURNING \(columns: Lease.self)
        """
    }

    private static func end(of now: Slot<Date>) -> SQL {
        .either(
            sqlite: "\(now) + length_seconds * 1000000",
            postgres: "\(now) + length_seconds * interval '1 second'")
    }

    private static let last: SQL = .either(
        sqlite: "ends_at + 60000000", postgres: "ends_at + interval '60 seconds'")

    /// Cuts every lease that ends later than now and its own length, as a clock that was set back
    /// leaves it.
    static func cut(at now: Date, in tx: Transaction) throws {
        let latest: SQL = .either(
            sqlite: "\(now) + length_seconds * 1000000",
            postgres: "\(now) + length_seconds * interval '1 second'")
        try tx.execute("UPDATE leases SET expires_at = \(latest) WHERE expires_at > \(latest)")
    }

    /// Renews it by its own length, never shortening it, nor past its end; throws `lease_lost` when
    /// it is gone.
    static func renew(_ worker: Worker, in tx: Transaction) throws -> Lease {
        let renewed = try tx.all(Lease.self, renew, worker.id, tx.now())
        guard let lease = renewed.first else { throw try LeaseLost.error(worker, in: tx) }
        return lease
    }
}
