package import DibsCore
package import DibsData
internal import DibsSchema
internal import Synchronization

/// Dibs on a database: every promise is kept here and in the schema, and nowhere else.
///
/// Each call is one transaction, on the caller's account first (RULES: seat → account → workspace
/// → task → lease and worker), so that no two calls ever wait for each other in a circle.
package struct Engine: DibsService {
    /// The database of everything.
    let database: Database
    /// The operator's settings.
    let settings: EngineSettings
    /// The queue that wakes claims that wait.
    let wakes = Wakes()
    /// The heartbeats that wait.
    package let beats = ParkedBeats()
    /// The floors at which claims begin to look.
    let floors = LaneFloors()
    /// The secret that worker tokens are proved with and secrets are sealed under; the same on
    /// every server of one database.
    let secret: ServerSecret

    /// Opens a migrated database for service.
    ///
    /// Throws `secret_mismatch` when the database was set up under another secret.
    package static func open(
        _ database: Database, settings: EngineSettings = EngineSettings(), secret: ServerSecret
    ) async throws -> Engine {
        try await translatingErrors {
            try await database.write { tx in
                try Installation.hold(to: secret, in: tx)
                try SourceSettings.sealThoseInClear(under: secret, in: tx)
            }
        }
        return Engine(database: database, settings: settings, secret: secret)
    }

    private init(database: Database, settings: EngineSettings, secret: ServerSecret) {
        (self.database, self.settings, self.secret) = (database, settings, secret)
    }

    /// One snapshot, seen by a caller that has proved itself in it.
    ///
    /// - `late` is the worker about which its own token is still told something once it has ended.
    func read<T: Sendable>(
        as credential: Credential, lastWordOf late: Worker.ID? = nil,
        _ body: @escaping @Sendable (Snapshot, Caller) throws -> T
    ) async throws -> T {
        let secret = secret
        return try await translatingErrors {
            try await database.read { snapshot in
                let caller = try Caller.proved(
                    by: credential, secret, lastWordOf: late, in: snapshot)
                return try body(snapshot, caller)
            }
        }
    }

    /// One transaction, by a caller that has proved itself in it; durable when it returns.
    ///
    /// - `late` is the worker about which its own token may still say something once it has ended.
    func write<T: Sendable>(
        as credential: Credential, lastWordOf late: Worker.ID? = nil,
        _ body: @escaping @Sendable (Transaction, Caller) throws -> T
    ) async throws -> T {
        let secret = secret
        return try await commit { tx in
            try body(tx, Caller.proved(by: credential, secret, lastWordOf: late, in: tx))
        }
    }
}

/// The operator's settings of a server.
package struct EngineSettings: Sendable {
    /// Length to which a claim, heartbeat or report renews a lease, 1…3600 seconds.
    package var leaseSeconds: Int
    /// Seconds between two looks for leases that ran out.
    package var reaperSeconds: Int
    /// Whether a worker that waits for an answer keeps its slot, seat and money.
    package var waitingKeepsSlot: Bool
    /// Time between two looks for heartbeats that wait: what another server says is heard after.
    package var beatLook = Duration.seconds(1)
    /// Answers that one credential can be given again, at most; the newest are kept.
    package var repeatsOfCredential: Int

    /// Leases of 15 minutes, looked at every 5 seconds.
    package init(
        leaseSeconds: Int = 900, reaperSeconds: Int = 5, waitingKeepsSlot: Bool = false,
        repeatsOfCredential: Int = 100_000
    ) {
        self.leaseSeconds = leaseSeconds
        self.reaperSeconds = reaperSeconds
        self.waitingKeepsSlot = waitingKeepsSlot
        self.repeatsOfCredential = repeatsOfCredential
    }
}
