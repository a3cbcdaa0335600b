internal import DibsCore

extension Report: Checked {
    /// A report's number is at most this far from the one before, so that no single one uses the
    /// numbers up.
    static let sequenceStep = 1_000_000

    /// Throws `invalid_field` for the first field that is out of its bounds.
    func check() throws {
        if let progress { try Check.range(progress, 0...100, "progress") }
        try Check.notNegative(costUSD, "costUsd")
        try Check.notNegative(inputTokens, "inputTokens")
        try Check.notNegative(outputTokens, "outputTokens")
        try Check.notNegative(turns, "turns")
        try Check.notNegative(commits, "commits")
        try Check.notNegative(filesChanged, "filesChanged")
        try Check.notNegative(linesAdded, "linesAdded")
        try Check.notNegative(linesRemoved, "linesRemoved")
        if let sequence { try Check.range(sequence, 1...(1 << 53 - 1), "sequence") }
        if let currentAction { try Check.line(currentAction, Bounds.action, "currentAction") }
        if let error { try Check.length(error, Bounds.error, "error") }
        try Check.count(milestones ?? [], Bounds.milestonesOfReport, "milestones")
        for title in milestones ?? [] { try Check.line(title, Bounds.title, "milestones") }
        if let pullRequestURL { try Check.url(pullRequestURL, "prUrl") }
        try branch.map { try Check.branch($0, "branch") }
        try Check.count(warnings ?? [], Bounds.warningsOfReport, "warnings")
        for text in warnings ?? [] { try Check.line(text, Bounds.warning, "warnings") }
        if let result { try Check.size(of: result, Bounds.result, "result") }
        try waitingFor?.check()
        if let failureClass, !FailureClass.reportable.contains(failureClass) {
            throw DibsError(
                .invalidField, "A worker cannot report that failure class.",
                details: ["field": "failureClass"],
                hint: "Use agent_failed, rate_limited, infrastructure, budget or waiting.")
        }
        if let seconds = retryAfterSeconds {
            try Check.range(seconds, 1...3600, "retryAfterSeconds")
        }
    }

    /// Whether it says that its agent ended while a person was to answer.
    var isEndInWaiting: Bool { status == .error && failureClass == .waiting }

    /// Whether it says nothing but that its worker lives, and waits for what it waited for before,
    /// or that it has ended so: all that a worker may say that has lent its slot.
    func isPatient(of worker: Worker) -> Bool {
        if isEndInWaiting { return true }
        var rest = self
        (rest.status, rest.waitingFor, rest.sequence) = (nil, nil, nil)
        return rest == Report() && (status == nil || status == .waitingInput)
            && (waitingFor == nil || waitingFor == worker.waitingFor)
    }

    /// A digest by which it is known when it comes again.
    var fingerprint: String {
        get throws { Fingerprint.of(String(decoding: try Wire.encode(self), as: UTF8.self)) }
    }

    /// Whether it is the numbered report that ended a worker, again.
    func isEnd(of worker: Worker) throws -> Bool {
        guard sequence != nil, let last = worker.lastReport else { return false }
        return try last == fingerprint
    }

    /// Whether it is the last one again; throws `sequence_reused` for another one at or below the
    /// last, and `invalid_field` for one too far above.
    func isRepeated(after lease: Lease) throws -> Bool {
        guard let sequence else { return false }
        if sequence == lease.sequence, try fingerprint == lease.fingerprint { return true }
        guard sequence > lease.sequence else {
            throw DibsError(
                .sequenceReused, "Another report of this worker has that sequence or a later one.",
                details: ["sequence": "\(sequence)", "last": "\(lease.sequence)"],
                hint: "Go on with last + 1.")
        }
        guard sequence - lease.sequence <= Self.sequenceStep else {
            throw DibsError(
                .invalidField, "The sequence leaves too many numbers out.",
                details: ["field": "sequence", "last": "\(lease.sequence)"],
                hint: "Go on with last + 1.")
        }
        return false
    }
}

extension NewArtifact: Checked {
    /// Throws `invalid_field` for the first field that is out of its bounds.
    func check() throws {
        try Check.line(title, Bounds.title, "title")
        if let content { try Check.bytes(content, Bounds.content, "content") }
        if let storageKey { try Check.line(storageKey, Bounds.path, "storageKey") }
        try Check.json(metadata, Bounds.metadata, "metadata")
    }
}
