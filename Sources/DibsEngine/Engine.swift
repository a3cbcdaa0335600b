internal import DibsCore
package import DibsData
internal import DibsSchema
internal import Synchronization

/// Dibs on a database: every promise is kept here and in the schema, and nowhere else.
///
/// Each call is one transaction, on the caller's account first (RULES: seat → account → workspace
/// → task → lease and worker), so that no two calls ever wait for each other in a circle.
package struct Engine: DibsService {
    /// Where everything is.
    let database: Database
    /// What the operator chose.
    let settings: EngineSettings
    /// What wakes claims that wait.
    let wakes = Wakes()
    /// Where claims begin to look.
    let floors = LaneFloors()
    /// Under what worker tokens are proved; the same on every server of one database.
    let tokenSecret: String

    /// Opens a migrated database for service: makes the installation's secret when there is none.
    ///
    /// Throws `schema_drift` when the database is not at this version's schema.
    package static func open(
        _ database: Database, settings: EngineSettings = EngineSettings()
    ) async throws -> Engine {
        let secret = try await translatingErrors {
            try await database.write { tx in try Installation.tokenSecret(in: tx) }
        }
        return Engine(database: database, settings: settings, tokenSecret: secret)
    }

    private init(database: Database, settings: EngineSettings, tokenSecret: String) {
        (self.database, self.settings, self.tokenSecret) = (database, settings, tokenSecret)
    }

    /// One snapshot, seen by a caller that has proved itself in it.
    func read<T: Sendable>(
        as credential: Credential, _ body: @escaping @Sendable (Snapshot, Caller) throws -> T
    ) async throws -> T {
        let secret = tokenSecret
        return try await translatingErrors {
            try await database.read { snapshot in
                try body(snapshot, Caller.proved(by: credential, secret, in: snapshot))
            }
        }
    }

    /// One transaction, by a caller that has proved itself in it; durable when it returns.
    func write<T: Sendable>(
        as credential: Credential, _ body: @escaping @Sendable (Transaction, Caller) throws -> T
    ) async throws -> T {
        let secret = tokenSecret
        return try await commit { tx in
            try body(tx, Caller.proved(by: credential, secret, knowsEnded: true, in: tx))
        }
    }
}

/// What the operator of a server chooses.
package struct EngineSettings: Sendable {
    /// How far a claim, heartbeat or report carries a lease, 1…3600 seconds.
    package var leaseSeconds: Int
    /// Seconds between two looks for leases that ran out.
    package var reaperSeconds: Int
    /// Whether a worker that waits for an answer keeps its slot, seat and money.
    package var waitingKeepsSlot: Bool

    /// Leases of 15 minutes, looked at every 5 seconds.
    package init(
        leaseSeconds: Int = 900, reaperSeconds: Int = 5, waitingKeepsSlot: Bool = false
    ) {
        self.leaseSeconds = leaseSeconds
        self.reaperSeconds = reaperSeconds
        self.waitingKeepsSlot = waitingKeepsSlot
    }
}
