internal import DibsCore
internal import DibsJSON
internal import Foundation

/// The repository of a workspace on this machine, and the worktrees of attempts beside it.
struct Repository: Sendable {
    private let git: GitCommand
    private let worktrees: URL
    private let base: String
    private let lock: RepositoryLock

    /// What an attempt left on its branch, against where it began.
    struct Change: Sendable, Hashable {
        /// Commits on the branch.
        var commits = 0
        /// Files they changed.
        var files = 0
        /// Lines they added.
        var added = 0
        /// Lines they removed.
        var removed = 0
        /// The patch, cut at 900 kB.
        var patch = ""
    }

    /// A folder of an attempt, and the commit it began at.
    struct Worktree: Sendable {
        /// Where it is.
        let folder: String
        let start: String
        let branch: String
    }

    private static let patchLimit = 900_000

    /// Finds the workspace's repository: its `localPath`, else a clone of `repo` below `folder`.
    ///
    /// Throws `git_failed` when there is neither, or no commit to begin from.
    init(of workspace: Workspace, folder: URL, access: GitAccess) async throws {
        let own = folder.appending(path: workspace.id.description)
        worktrees = own.appending(path: "worktrees")
        try FileManager.default.createDirectory(at: worktrees, withIntermediateDirectories: true)
        let branch = workspace.gitConfig?.baseBranch ?? "HEAD"
        if let path = workspace.localPath {
            git = GitCommand(folder: path, access: access)
            let common = try await git.run(
                "rev-parse", "--path-format=absolute", "--git-common-dir")
            lock = RepositoryLock(path: common + "/dibs.lock")
            base = branch
        } else if let repo = workspace.repo {
            let clone = own.appending(path: "clone").path(percentEncoded: false)
            git = GitCommand(folder: clone, access: access)
            lock = RepositoryLock(path: own.appending(path: "lock").path(percentEncoded: false))
            // A fetch moves the branches of origin, and not those of the clone.
            base = "origin/" + branch
            try await Self.update(clone, of: repo, git, lock)
        } else {
            throw DibsError(
                .gitFailed, "The workspace has no repository.",
                details: ["workspace": workspace.name],
                hint: "Give it one: dibs workspace add NAME --local-path PATH.")
        }
        try await git.run("rev-parse", "--verify", "--quiet", base + "^{commit}")
    }

    /// Clones, or brings the clone up to date from the address itself: the clone's own remotes are
    /// as the last agent left them.
    private static func update(
        _ clone: String, of repo: String, _ git: GitCommand, _ lock: RepositoryLock
    ) async throws {
        try await lock.held {
            if FileManager.default.fileExists(atPath: clone) {
                try await git.checkWay()
                try await git.run(
                    "fetch", "--quiet", "--prune", "--upload-pack=git-upload-pack", "--", repo,
                    "+refs/heads/*:refs/remotes/origin/*")
            } else {
                let parent = URL(filePath: clone).deletingLastPathComponent()
                try await GitCommand(
                    folder: parent.path(percentEncoded: false), access: git.access
                ).run("clone", "--quiet", "--", repo, clone)
            }
        }
    }

    /// Makes a worktree on a new branch.
    func addWorktree(branch: String) async throws -> Worktree {
        let name = branch.replacing("/", with: "-")
        let folder = worktrees.appending(path: name).path(percentEncoded: false)
        let start = try await git.run("rev-parse", base + "^{commit}")
        try await lock.held {
            try await git.run("worktree", "add", "--quiet", "-b", branch, "--", folder, start)
        }
        return Worktree(folder: folder, start: start, branch: branch)
    }

    /// What the branch of a worktree has that its start had not.
    func change(in worktree: Worktree) async throws -> Change {
        let range = worktree.start + ".." + worktree.branch
        var change = Change()
        change.commits = Int(try await git.run("rev-list", "--count", range)) ?? 0
        guard change.commits > 0 else { return change }
        for line in try await diff("--numstat", range).split(separator: "\n") {
            let numbers = line.split(separator: "\t")
            change.files += 1
            change.added = change.added.adding(saturating: Self.count(numbers.first))
            change.removed = change.removed.adding(
                saturating: Self.count(numbers.dropFirst().first))
        }
        change.patch = try await patch(of: range)
        return change
    }

    /// Lines as git counts them; 0 where it says `-`, of a binary file.
    private static func count(_ word: Substring?) -> Int { word.flatMap { Int($0) } ?? 0 }

    /// The patch by way of a file: it may be of any size, and only its beginning is read.
    private func patch(of range: String) async throws -> String {
        let name = "dibs-patch-" + UUID().uuidString
        let file = FileManager.default.temporaryDirectory.appending(path: name)
        defer { try? FileManager.default.removeItem(at: file) }
        _ = try await diff("--output=" + file.path(percentEncoded: false), range)
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        let bytes = try handle.read(upToCount: Self.patchLimit) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }

    private func diff(_ option: String, _ range: String) async throws -> String {
        try await git.run("diff", "--no-ext-diff", "--no-textconv", option, range, "--")
    }

    /// Takes the folder away; the branch stays.
    ///
    /// What was not committed is kept with the folder.
    func remove(_ worktree: Worktree) async throws {
        // A repository inside the worktree has a configuration of its own: it is not entered.
        let left = try await GitCommand(folder: worktree.folder, access: git.access)
            .run("status", "--porcelain", "--ignore-submodules=dirty")
        guard left.isEmpty else { return }
        try await lock.held { try await git.run("worktree", "remove", "--", worktree.folder) }
    }
}
