/// A heartbeat, and how long it may wait for something to be said.
package struct Beat: Sendable, Hashable, Codable {
    /// Seconds that it may wait, 0…60, and at most a third of the lease; 0 is answered at once.
    package var waitSeconds: Int
    /// The `said` of the last answer that arrived: what was heard ends no wait again.
    package var heard: String?

    /// Only what differs from the defaults need be said.
    package init(waitSeconds: Int = 0, heard: String? = nil) {
        (self.waitSeconds, self.heard) = (waitSeconds, heard)
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable { case waitSeconds, heard }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        waitSeconds = try box.decodeIfPresent(Int.self, forKey: .waitSeconds) ?? 0
        heard = try box.decodeIfPresent(String.self, forKey: .heard)
    }
}

extension DibsService {
    /// Renews a worker's lease and answers at once.
    package func heartbeat(
        _ id: Identifier<Worker>, as caller: Credential
    ) async throws -> ReportAnswer { try await heartbeat(id, Beat(), as: caller) }

    /// Renews a worker's lease, and answers when there is something to say, or after a time.
    ///
    /// - `heard` is the `said` of the last answer that arrived.
    package func heartbeat(
        _ id: Identifier<Worker>, waitSeconds: Int, heard: String? = nil, as caller: Credential
    ) async throws -> ReportAnswer {
        try await heartbeat(id, Beat(waitSeconds: waitSeconds, heard: heard), as: caller)
    }
}
