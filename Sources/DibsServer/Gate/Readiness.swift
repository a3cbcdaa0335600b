internal import DibsCore

/// The answer of `/readyz` within a limit, whatever the database does.
///
/// One probe is under way at a time, and all who ask wait for it together. While a probe has been
/// silent past the limit, the answer is no at once: nothing piles up behind a database that hangs.
actor Readiness {
    private let limit: Duration
    private var waiting: [Race<Void>]?
    private var since = ContinuousClock.now

    init(limit: Duration = .seconds(2)) { self.limit = limit }

    /// Returns when the service can serve; throws its error, or `unavailable` after the limit.
    func check(_ service: any DibsService) async throws {
        if waiting == nil {
            probe(service)
        } else if since + limit < .now {
            throw Self.silent
        }
        let race = Race<Void>()
        waiting?.append(race)
        let timer = Task {
            try await Task.sleep(for: limit)
            race.finish(.failure(Self.silent))
        }
        defer { timer.cancel() }
        try await race.value
    }

    private func probe(_ service: any DibsService) {
        waiting = []
        since = .now
        Task {
            do {
                try await service.ready()
                end(.success(()))
            } catch {
                end(.failure(error))
            }
        }
    }

    private func end(_ result: Result<Void, any Error>) {
        for race in waiting ?? [] { race.finish(result) }
        waiting = nil
    }

    private static let silent = DibsError(
        .unavailable, "The database does not answer.",
        hint: "Start the database, or look at its load; the server goes on by itself.")
}
