internal import DibsJSON

/// Settings of how runners branch, prepare and commit in a workspace; nil is a setting's default.
package struct GitConfig: Sendable, Hashable, Codable {
    /// The branch that work starts from; nil is the repository's own head.
    package var baseBranch: String?
    /// The beginning of each branch's name; nil is `dibs/`.
    package var branchPrefix: String?
    /// A shell command that is run once in each new worktree, before the agent, at most 4,000
    /// characters.
    package var setup: String?
    /// Files and folders that git ignores and that are copied from the repository's own folder into
    /// each new worktree: at most 100 paths beneath it.
    package var copyIn: [String]?
    /// The fate of what an agent has not committed; nil is `keep`.
    package var uncommitted: UncommittedWork?
    /// Whether the branch is pushed to the remote after each attempt; nil is no.
    package var push: Bool?
    /// Whether agents work in the repository's own folder, one at a time, without a worktree; nil
    /// is no.
    package var inPlace: Bool?

    /// Only what differs from the defaults need be said.
    package init(
        baseBranch: String? = nil, branchPrefix: String? = nil, setup: String? = nil,
        copyIn: [String]? = nil, uncommitted: UncommittedWork? = nil, push: Bool? = nil,
        inPlace: Bool? = nil
    ) {
        self.baseBranch = baseBranch
        self.branchPrefix = branchPrefix
        self.setup = setup
        self.copyIn = copyIn
        self.uncommitted = uncommitted
        self.push = push
        self.inPlace = inPlace
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case baseBranch, branchPrefix, setup, copyIn, uncommitted, push, inPlace
    }
}

/// The fate of what an agent has not committed when it ends.
package enum UncommittedWork: String, Sendable, CaseIterable, Codable {
    /// The folder stays as it is.
    case keep
    /// A last commit on its branch.
    case commit
    /// A commit under a ref beside the branch.
    case wip
}

/// Changes of a workspace's git settings: those that are named, and no others.
///
/// On the wire it is an object as `GitConfig`, of which null sets a field back to its default, and
/// null instead of the object sets back all (RFC 7396).
package struct GitConfigChange: Sendable, Hashable {
    /// The new settings; what is nil stays.
    package var settings: GitConfig
    /// Fields that are set back to its default.
    package var cleared: Set<GitConfig.CodingKeys>

    /// A change; a field that is both set and cleared is cleared.
    package init(_ settings: GitConfig = GitConfig(), clearing: Set<GitConfig.CodingKeys> = []) {
        (self.settings, cleared) = (settings, clearing)
    }

    /// The settings after it; nil when all are the defaults.
    package func applied(to config: GitConfig?) -> GitConfig? {
        var merged = config ?? GitConfig()
        merge(.baseBranch, \.baseBranch, into: &merged)
        merge(.branchPrefix, \.branchPrefix, into: &merged)
        merge(.setup, \.setup, into: &merged)
        merge(.copyIn, \.copyIn, into: &merged)
        merge(.uncommitted, \.uncommitted, into: &merged)
        merge(.push, \.push, into: &merged)
        merge(.inPlace, \.inPlace, into: &merged)
        return merged == GitConfig() ? nil : merged
    }

    private func merge<Value>(
        _ key: GitConfig.CodingKeys, _ path: WritableKeyPath<GitConfig, Value?>,
        into config: inout GitConfig
    ) {
        if cleared.contains(key) {
            config[keyPath: path] = nil
        } else if let value = settings[keyPath: path] {
            config[keyPath: path] = value
        }
    }
}

extension GitConfigChange: Codable, ReadsNull {
    package init(from decoder: any Decoder) throws {
        if try decoder.singleValueContainer().decodeNil() {
            self.init(clearing: Set(GitConfig.CodingKeys.allCases))
            return
        }
        let box = try decoder.container(keyedBy: GitConfig.CodingKeys.self)
        let nulls = try GitConfig.CodingKeys.allCases.filter {
            try box.contains($0) && box.decodeNil(forKey: $0)
        }
        self.init(try GitConfig(from: decoder), clearing: Set(nulls))
    }

    package func encode(to encoder: any Encoder) throws {
        try settings.encode(to: encoder)
        var box = encoder.container(keyedBy: GitConfig.CodingKeys.self)
        for key in cleared { try box.encodeNil(forKey: key) }
    }
}
