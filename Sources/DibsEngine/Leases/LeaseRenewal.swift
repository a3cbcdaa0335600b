internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Carries a lease forward; this statement is the fence that every write of a worker passes.
enum LeaseRenewal {
    private static let renew = Command { (worker: Slot<Worker.ID>, now: Slot<Date>) in
        """
        UPDATE leases SET expires_at = \(sqlite: "max", postgres: "greatest")(
            expires_at, \(Self.end(of: now)))
        WHERE worker_id = \(worker) RETURNING \(columns: Lease.self)
        """
    }

    private static func end(of now: Slot<Date>) -> SQL {
        .either(
            sqlite: "\(now) + length_seconds * 1000000",
            postgres: "\(now) + length_seconds * interval '1 second'")
    }

    /// Renews it by its own length, never shortening it; throws `lease_lost` when it is gone.
    static func renew(_ worker: Worker, in tx: Transaction) throws -> Lease {
        let renewed = try tx.all(Lease.self, renew, worker.id, tx.now())
        guard let lease = renewed.first else { throw try LeaseLost.error(worker, in: tx) }
        return lease
    }
}
