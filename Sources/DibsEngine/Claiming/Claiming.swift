package import DibsCore
internal import DibsData

extension Engine {
    package func claim(
        _ request: ClaimRequest, as caller: Credential
    ) async throws -> ClaimAnswer {
        try request.check()
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(request.waitSeconds)
        let ticket = wakes.join(request)
        var taken: Set<AgentTask.ID> = []
        defer { wakes.leave(ticket, with: taken) }
        while true {
            wakes.look(ticket)
            let outcome = await look(request, as: caller)
            let left = clock.now.duration(to: deadline)
            guard left > .zero, !Task.isCancelled, outcome.isWorthWaiting else {
                let answer = try outcome.get()
                taken = Set(answer.workers.map(\.taskID))
                return try await explained(answer, request, as: caller)
            }
            await wakes.wait(ticket, atMost: min(left, .seconds(1)))
        }
    }

    /// Says of one of the pending tasks why the claim did not get it, when it got none.
    private func explained(
        _ answer: ClaimAnswer, _ request: ClaimRequest, as caller: Credential
    ) async throws -> ClaimAnswer {
        let reasons: [NothingReason?] = [.noMatch, .notReady, .workspaceLimit]
        guard reasons.contains(answer.reason) else { return answer }
        var answer = answer
        answer.why = try await read(as: caller) { snapshot, caller in
            try Nothing(caller: caller, request: request).why(in: snapshot)
        }
        return answer
    }

    private func look(
        _ request: ClaimRequest, as caller: Credential
    ) async -> Result<ClaimAnswer, any Error> {
        let seconds = request.leaseSeconds ?? settings.leaseSeconds
        let (secret, floors) = (secret, floors)
        let recall = Recall<ClaimAnswer> { answer in
            answer.workers.isEmpty ? nil : Once.Kept(ids: answer.workers.map { "\($0.id)" })
        } answer: { kept, tx, caller in
            try ClaimedAgain(ids: kept.ids, caller: caller, secret: secret).answer(in: tx)
        }
        do {
            return .success(
                try await writeOnce(
                    "POST workers/claim", request, as: caller, recall: recall
                ) {
                    try $1.needAccount()
                } act: { tx, caller, _ in
                    try Claim(
                        caller: caller, request: request, leaseSeconds: seconds,
                        secret: secret, floors: floors, tx: tx
                    ).run()
                })
        } catch {
            return .failure(error)
        }
    }
}

extension Result<ClaimAnswer, any Error> {
    /// Whether a later look may find what this one did not: nothing there, or a limit reached.
    fileprivate var isWorthWaiting: Bool {
        switch self {
        case .success(let answer): answer.workers.isEmpty
        case .failure(let error as DibsError):
            [.workerLimit, .sessionLimit, .workspaceLimit, .dayLimit, .busy].contains(error.code)
        case .failure: false
        }
    }
}
