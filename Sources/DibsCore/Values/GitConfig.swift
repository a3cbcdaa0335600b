/// How runners branch, prepare and commit in a workspace; each setting's nil is its default.
package struct GitConfig: Sendable, Hashable, Codable {
    /// The branch that work starts from; nil is the repository's own head.
    package var baseBranch: String?
    /// The beginning of each branch's name; nil is `dibs/`.
    package var branchPrefix: String?
    /// A shell command that is run once in each new worktree, before the agent.
    package var setUp: String?
    /// Files that git ignores and that are copied from the repository's folder into each worktree,
    /// as paths or `*` patterns beneath it.
    package var copyIn: [String]?
    /// Files that git ignores and that are kept from a worktree that is taken away.
    package var copyOut: [String]?
    /// Whether agents work in the repository's own folder, one at a time, without a worktree.
    package var inPlace: Bool?
    /// The fate of what an agent has not committed; nil is `keep`.
    package var uncommitted: UncommittedWork?
    /// Whether each attempt's branch is pushed to the remote when it has ended.
    package var push: Bool?

    /// Only what differs from the defaults need be said.
    package init(
        baseBranch: String? = nil, branchPrefix: String? = nil, setUp: String? = nil,
        copyIn: [String]? = nil, copyOut: [String]? = nil, inPlace: Bool? = nil,
        uncommitted: UncommittedWork? = nil, push: Bool? = nil
    ) {
        self.baseBranch = baseBranch
        self.branchPrefix = branchPrefix
        self.setUp = setUp
        self.copyIn = copyIn
        self.copyOut = copyOut
        self.inPlace = inPlace
        self.uncommitted = uncommitted
        self.push = push
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case baseBranch, branchPrefix, setUp, copyIn, copyOut, inPlace, uncommitted, push
    }
}

/// The fate of what an agent has not committed when it ends.
package enum UncommittedWork: String, Sendable, CaseIterable, Codable {
    /// Its folder stays as it is.
    case keep
    /// A last commit on its branch.
    case commit
    /// A commit under a ref beside the branch.
    case wip
}
