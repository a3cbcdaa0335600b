package import DibsData
internal import Dispatch
internal import Synchronization

/// Two operations that begin their first transactions at the same moment; whether they did, it
/// knows.
///
/// On PostgreSQL each waits inside its transaction, before its first statement, until the other one
/// is there too. SQLite has one writer, so there they ask for it together and take turns.
package final class Meeting: Sendable {
    private struct State {
        var arrived = 0
        var isOver = false
        var waiting: [@Sendable () -> Void] = []
    }

    @TaskLocal fileprivate static var side: Side?
    private let state = Mutex(State())

    /// A meeting to which nobody has come.
    package init() {}

    /// Whether both were there.
    package var hasHappened: Bool { state.withLock { $0.arrived == 2 } }

    /// Runs one of the two; when it ends without a transaction, the other one waits no longer.
    package func attend<T>(_ operation: () async throws -> T) async rethrows -> T {
        defer { resume { $0.isOver = true } }
        return try await Self.$side.withValue(Side(self), operation: operation)
    }

    fileprivate func arrive(_ goOn: @escaping @Sendable () -> Void) {
        resume { state in
            state.arrived += 1
            state.waiting.append(goOn)
        }
    }

    private func resume(_ change: (inout State) -> Void) {
        let ready = state.withLock { state in
            change(&state)
            guard state.arrived == 2 || state.isOver else { return [@Sendable () -> Void]() }
            defer { state.waiting = [] }
            return state.waiting
        }
        for goOn in ready { goOn() }
    }
}

/// One of the two who meet; only its first transaction does.
private final class Side: Sendable {
    private let meeting: Meeting
    private let hasCome = Atomic(false)

    init(_ meeting: Meeting) { self.meeting = meeting }

    private var isFirst: Bool { !hasCome.exchange(true, ordering: .relaxed) }

    func meet() async {
        guard isFirst else { return }
        await withCheckedContinuation { continuation in meeting.arrive { continuation.resume() } }
    }

    /// The same, on the thread of a connection.
    func meetBlocking() {
        guard isFirst else { return }
        let other = DispatchSemaphore(value: 0)
        meeting.arrive { other.signal() }
        other.wait()
    }
}

/// An engine whose callers meet, where they attend a meeting.
package struct MeetingEngine: SQLEngine {
    private let base: any SQLEngine
    private let backend: Backend

    /// An engine in which callers can meet.
    package init(_ base: any SQLEngine, on backend: Backend) {
        (self.base, self.backend) = (base, backend)
    }

    package func read<T: Sendable>(
        statements: Int, _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await base.read(statements: statements, body) }

    package func write<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T {
        guard let side = Meeting.side else { return try await base.write(body) }
        if backend == .sqlite {
            await side.meet()
            return try await base.write(body)
        }
        return try await base.write { connection in
            side.meetBlocking()
            return try body(connection)
        }
    }

    package func scratch<T: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> T
    ) async throws -> T { try await base.scratch(body) }

    package func close() async { await base.close() }
}
