/// The unit by which claims are matched: all open tasks that the same claimers may take wait in one
/// lane.
///
/// Lanes are interned: the same four values are the same row, and a workspace has at most 200.
package struct Lane: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<Lane>
    /// The workspace of its tasks.
    package var workspaceID: Identifier<Workspace>
    /// Which kind of account may take them.
    package var runnerPreference: RunnerPreference
    /// Capabilities that a runner must offer, all of them.
    package var requiredCapabilities: Capabilities
    /// Tasks of one class reserve alike; 0 is the only class so far.
    package var costClass: Int

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<Lane>, workspaceID: Identifier<Workspace>,
        runnerPreference: RunnerPreference, requiredCapabilities: Capabilities, costClass: Int
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.runnerPreference = runnerPreference
        self.requiredCapabilities = requiredCapabilities
        self.costClass = costClass
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case workspaceID = "workspaceId"
        case runnerPreference, requiredCapabilities, costClass
    }
}
