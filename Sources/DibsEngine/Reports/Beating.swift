package import DibsCore
internal import DibsData
internal import DibsSchema
package import Foundation

extension Beat: Checked {
    /// Throws `invalid_field` for the first field that is out of its bounds.
    func check() throws {
        try Check.range(waitSeconds, 0...60, "waitSeconds")
        try heard.map { try Check.line($0, Bounds.key, "heard") }
    }
}

extension Engine {
    package func heartbeat(
        _ id: Identifier<Worker>, _ beat: Beat, as caller: Credential
    ) async throws -> ReportAnswer {
        guard beat.waitSeconds > 0 else { return try await renew(id, beat, as: caller) }
        let ticket = beats.join(id)
        defer { beats.leave(ticket) }
        let clock = ContinuousClock()
        let start = clock.now
        var answer = try await renew(id, beat, as: caller)
        while !answer.isNew(to: beat), !Task.isCancelled {
            beats.look(ticket)
            let look = try await look(at: id, as: caller)
            answer = look.answer
            beats.found(look.news, by: ticket)
            let left = min(.seconds(beat.waitSeconds), look.longest) - (clock.now - start)
            guard !answer.isNew(to: beat), left > .zero else { break }
            if beats.beginWatching() { Task { await watchBeats() } }
            await beats.wait(ticket, atMost: left)
        }
        return answer
    }

    /// Renews the lease and answers at once.
    private func renew(
        _ id: Worker.ID, _ beat: Beat, as caller: Credential
    ) async throws -> ReportAnswer {
        let recall = Recall<ReportAnswer> {
            Once.Kept(ids: ["\($0.worker.id)"])
        } answer: { _, tx, caller in
            let worker = try caller.worker(id, in: tx)
            return try ReportAnswer.now(
                worker, Lease.where { $0.workerID == worker.id }.first(in: tx), in: tx)
        }
        let operation = "POST workers/\(id)/heartbeat"
        return try await writeOnce(operation, beat, as: caller, recall: recall, lastWordOf: id) {
            try WorkerAccess.live(id, by: $1, in: $0)
        } act: { tx, _, worker in
            let lease = try LeaseRenewal.renew(worker, in: tx)
            return try ReportAnswer.now(worker, lease, in: tx)
        }
    }

    /// Findings of one look without a lock.
    private struct Look: Sendable {
        let answer: ReportAnswer
        let news: BeatNews?
        /// Time that a beat may wait from the renewal on.
        let longest: Duration
    }

    /// Throws `lease_lost` once the worker has ended.
    private func look(at id: Worker.ID, as caller: Credential) async throws -> Look {
        try await read(as: caller, lastWordOf: id) { snapshot, caller in
            let worker = try caller.worker(id, in: snapshot)
            let lease = try Lease.where { $0.workerID == id }.first(in: snapshot)
            guard let lease else { throw try LeaseLost.error(worker, in: snapshot) }
            return Look(
                answer: try ReportAnswer.now(worker, lease, in: snapshot),
                news: try BeatNews.read(of: [id], in: snapshot)[id],
                longest: try lease.longestBeat(at: snapshot.now()))
        }
    }

    /// Looks for all beats that are parked, again and again, until none is.
    ///
    /// A look that fails wakes nobody: each looks for itself at the end of its time.
    private func watchBeats() async {
        while let workers = beats.watched() {
            try? await Task.sleep(for: settings.beatLook)
            try? await lookForBeats(of: workers)
        }
    }

    /// Looks once for the beats of some workers, and wakes those that have something to hear.
    private func lookForBeats(of workers: [Worker.ID]) async throws {
        guard !workers.isEmpty else { return }
        let found = try await translatingErrors {
            try await database.read { try BeatNews.read(of: workers, in: $0) }
        }
        beats.compare(found, for: workers)
    }

    /// Looks once for all beats that are parked.
    package func lookForBeats() async throws {
        try await lookForBeats(of: beats.workers)
    }
}

extension Lease {
    /// Longest time that a beat may wait once it has renewed the lease: a third of its length, and
    /// no longer than the attempt may take.
    package func longestBeat(at now: Date) -> Duration {
        let third = Duration.seconds(lengthSeconds) / 3
        let rest = endsAt.timeIntervalSince(now)
        return rest > 0 ? min(third, .seconds(rest)) : third
    }
}

extension ReportAnswer {
    /// Whether it says something that was not heard yet.
    fileprivate func isNew(to beat: Beat) -> Bool { said != nil && said != beat.heard }
}
