package import DibsJSON

/// A request to make a workspace; only the name is needed.
package struct NewWorkspace: Sendable, Hashable, Codable {
    /// Unique, 1 to 200 characters.
    package var name: String
    /// The address its repository is cloned from, without a password: git asks a credential helper,
    /// or uses ssh.
    package var repo: String?
    /// The absolute path of its repository on a runner's machine.
    package var localPath: String?
    /// The memory that agents start with, an object of at most 64 KiB.
    package var memory: JSON
    /// The access of accounts without a link.
    package var accessMode: AccessMode
    /// Settings of how runners branch and commit.
    package var gitConfig: GitConfig?
    /// Workers at once, at least 1; nil is no limit.
    package var maxWorkers: Int?

    /// Only what differs from the defaults need be said.
    package init(
        name: String, repo: String? = nil, localPath: String? = nil,
        memory: JSON = JSON.object([:]), accessMode: AccessMode = .restricted,
        gitConfig: GitConfig? = nil, maxWorkers: Int? = nil
    ) {
        self.name = name
        self.repo = repo
        self.localPath = localPath
        self.memory = memory
        self.accessMode = accessMode
        self.gitConfig = gitConfig
        self.maxWorkers = maxWorkers
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, repo, localPath, memory, accessMode, gitConfig, maxWorkers
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        name = try box.decode(String.self, forKey: .name)
        repo = try box.decodeIfPresent(String.self, forKey: .repo)
        localPath = try box.decodeIfPresent(String.self, forKey: .localPath)
        memory = try box.decodeIfPresent(JSON.self, forKey: .memory) ?? JSON.object([:])
        accessMode = try box.decodeIfPresent(AccessMode.self, forKey: .accessMode) ?? .restricted
        gitConfig = try box.decodeIfPresent(GitConfig.self, forKey: .gitConfig)
        maxWorkers = try box.decodeIfPresent(Int.self, forKey: .maxWorkers)
    }
}

/// A request to make a source.
package struct NewSource: Sendable, Hashable, Codable {
    /// The kind of system it is.
    package var type: SourceType
    /// Unique in its workspace, 1 to 200 characters.
    package var name: String
    /// Its own settings, an object of at most 16 KiB; tokens may be among them, for they are sealed
    /// and never shown again.
    package var config: JSON

    /// Only what differs from the defaults need be said.
    package init(
        type: SourceType = .manual, name: String, config: JSON = JSON.object([:])
    ) {
        self.type = type
        self.name = name
        self.config = config
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case type, name, config
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        type = try box.decodeIfPresent(SourceType.self, forKey: .type) ?? .manual
        name = try box.decode(String.self, forKey: .name)
        config = try box.decodeIfPresent(JSON.self, forKey: .config) ?? JSON.object([:])
    }
}

/// Changes of a workspace; what is nil stays.
package struct WorkspaceChange: Sendable, Hashable, Codable {
    /// Unique, 1 to 200 characters.
    package var name: String?
    /// The address its repository is cloned from.
    package var repo: String?
    /// The absolute path of its repository on a runner's machine.
    package var localPath: String?
    /// The access of accounts without a link.
    package var accessMode: AccessMode?
    /// Settings of how runners branch, prepare and commit; counts from the next attempt.
    package var gitConfig: GitConfigChange?
    /// Workers at once, at least 1; counts at once.
    package var maxWorkers: Limit<Int>?
    /// Closes it, so that nothing in it can be claimed or created; false opens it again.
    package var closed: Bool?

    /// Only what differs from the defaults need be said.
    package init(
        name: String? = nil, repo: String? = nil, localPath: String? = nil,
        accessMode: AccessMode? = nil, gitConfig: GitConfigChange? = nil,
        maxWorkers: Limit<Int>? = nil, closed: Bool? = nil
    ) {
        self.name = name
        self.repo = repo
        self.localPath = localPath
        self.accessMode = accessMode
        self.gitConfig = gitConfig
        self.maxWorkers = maxWorkers
        self.closed = closed
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case name, repo, localPath, accessMode, gitConfig, maxWorkers, closed
    }
}
