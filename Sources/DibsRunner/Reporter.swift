internal import DibsCore
internal import Foundation

/// Sends the reports of one worker, in order and numbered, so that one that is sent twice counts
/// once. While the server is away it tries again until the lease is over.
actor Reporter {
    private let service: any DibsService
    private let worker: ClaimedWorker
    private let clock: any Clock<Duration>
    /// The number of the last report; nil when there are no numbers left.
    private var sequence: Int? = 0

    init(_ service: any DibsService, _ worker: ClaimedWorker, clock: any Clock<Duration>) {
        (self.service, self.worker, self.clock) = (service, worker, clock)
    }

    private var token: Credential { Credential(worker.token) }

    /// A third of the lease, at most a minute.
    nonisolated var heartbeat: Duration { .seconds(min(60, max(1, leaseLength / 3))) }

    private nonisolated var leaseLength: Double {
        worker.leaseExpiresAt.timeIntervalSince(
            worker.task.claimedAt ?? worker.leaseExpiresAt.addingTimeInterval(-900))
    }

    /// Sends one report; throws what the server says, or `server_unreachable` when it stayed away.
    ///
    /// The agent has the same token and may have reported by itself, under numbers of its own:
    /// then this one goes on after them.
    @discardableResult
    func send(_ report: Report) async throws -> ReportAnswer {
        sequence = sequence.flatMap { Self.after($0) }
        for _ in 0..<Self.numberings {
            do { return try await numbered(report) } catch let error as DibsError
                where error.code == .sequenceReused
            {
                sequence = error.details["last"].flatMap { Int($0) }.flatMap { Self.after($0) }
            }
        }
        sequence = nil
        return try await numbered(report)
    }

    private func numbered(_ report: Report) async throws -> ReportAnswer {
        var report = report
        report.sequence = sequence
        let numbered = report
        return try await insisting { try await $0.report($1, numbered, as: $2) }
    }

    /// An agent that reports at the same time can take so many numbers away from one report; then
    /// it goes without one.
    private static let numberings = 5

    /// The next number; nil past the last there is.
    private static func after(_ number: Int) -> Int? {
        let (next, overflow) = number.addingReportingOverflow(1)
        return overflow ? nil : next
    }

    /// Says that the worker lives.
    func beat() async throws -> ReportAnswer {
        try await insisting { try await $0.heartbeat($1, as: $2) }
    }

    /// Whether the worker waits for a person's answer.
    func isWaiting() async throws -> Bool {
        let worker = try await insisting { try await $0.worker($1, as: $2) }
        return worker.status == .waitingInput
    }

    /// Leaves something behind.
    func leave(_ artifact: NewArtifact) async throws {
        _ = try await insisting { try await $0.addArtifact(artifact, of: $1, as: $2) }
    }

    private func insisting<T: Sendable>(
        _ send: @Sendable (any DibsService, Worker.ID, Credential) async throws -> T
    ) async throws -> T {
        var pause = 0.5
        var waited = 0.0
        while true {
            do { return try await send(service, worker.id, token) } catch let error as DibsError {
                guard error.code.isOutage, waited < leaseLength else { throw error }
            }
            try await clock.sleep(for: .seconds(pause))
            waited += pause
            pause = min(pause * 2, 15)
        }
    }
}
