internal import DibsData
internal import Foundation
internal import Synchronization

/// A server as all connections of a pool see it: where it is, how it is spoken to, and whether it
/// was away a moment ago.
///
/// A caller hears within two seconds that the database is away: it waits at most `patience` for a
/// connection, and a connection that is silent for a second is given up when a new one is not
/// answered either. Who waits in the queue meanwhile is told what the others have found out.
final class PostgresServer: Sendable {
    private struct State {
        /// Whether a connection is known to be one backend for as long as it lives.
        var isDirect = false
        /// The time a connection may take to come about.
        var connecting = Duration.seconds(5)
        var absence: (error: DataError, found: ContinuousClock.Instant)?
    }

    let address: PostgresAddress
    /// The time a transaction waits for the server, counted from when it was asked for.
    let patience: Duration
    /// Tries of a transaction before its deadlock is told to the caller.
    let tries: Int
    private let style: StatementStyle?
    private let state = Mutex(State())

    init(
        _ address: PostgresAddress, patience: Duration, tries: Int, style: StatementStyle?
    ) {
        (self.address, self.patience, self.tries) = (address, patience, tries)
        self.style = style
    }

    /// The operator's choice, or what fits what was found.
    var statements: StatementStyle {
        style ?? (state.withLock { $0.isDirect } ? .named : .unnamed)
    }

    /// Notes whether connections are backends, or a pooler stands between, whose next transaction
    /// may be another backend's.
    func note(isDirect: Bool) { state.withLock { $0.isDirect = isDirect } }

    /// Connects to the first host that takes us; throws `open` with what is wrong with the last.
    func connect() throws -> PostgresConnection {
        var failure = DataError(.open, "The PostgreSQL address names no host")
        for host in address.hosts {
            do { return try connect(to: host) } catch let error as DataError { failure = error }
        }
        noteAbsence(failure)
        throw failure
    }

    private func connect(to host: PostgresHost) throws -> PostgresConnection {
        let start = ContinuousClock.now
        let limit = state.withLock { $0.connecting }
        let connection = try PostgresConnection(to: self, host, by: start + limit)
        let took = start.duration(to: .now)
        state.withLock { state in
            state.absence = nil
            // Far servers take longer, and have shown how long.
            state.connecting = min(max(took * 3, patience * 3 / 5), .seconds(5))
        }
        return connection
    }

    /// Whether a host takes or refuses a new connection now, which a frozen one does not.
    func answers(at host: PostgresHost) -> Bool {
        if absence != nil { return false }
        do { _ = try connect(to: host) } catch let error as DataError {
            if error.message.contains("FATAL") { return true }
            if address.hosts.count == 1 { noteAbsence(error) }
            return false
        } catch {
            return false
        }
        return true
    }

    /// The error of the last attempt when no host took us, when that was found within the last
    /// second.
    var absence: DataError? {
        state.withLock { state in
            guard let absence = state.absence, absence.found.duration(to: .now) < .seconds(1)
            else { return nil }
            return absence.error
        }
    }

    private func noteAbsence(_ error: DataError) {
        state.withLock { $0.absence = (error, .now) }
    }
}
