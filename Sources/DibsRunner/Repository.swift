internal import DibsCore
internal import DibsJSON
internal import Foundation

/// The repository of a workspace on this machine, and the worktrees of attempts beside it.
struct Repository: Sendable {
    private let git: GitCommand
    private let worktrees: URL
    private let base: String
    private let lock: RepositoryLock
    /// The folder of the repository that the workspace names, with a `/` behind it; empty is its
    /// root.
    private let prefix: String

    /// The change that an attempt left on its branch, against where it began.
    struct Change: Sendable, Hashable {
        /// Commits on the branch.
        var commits = 0
        /// Files they changed.
        var files = 0
        /// Lines they added.
        var added = 0
        /// Lines they removed.
        var removed = 0
        /// The patch, cut at 900 kB as JSON.
        var patch = ""
        /// The branch that has them, when the agent renamed or left its own.
        var branch: String?
    }

    /// A folder of an attempt, and the commit it began at.
    struct Worktree: Sendable {
        /// The folder that it is in.
        let folder: String
        /// The folder within it where the agent begins.
        let workFolder: String
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
            prefix = try await git.run("rev-parse", "--show-prefix")
            // A branch by its whole name, which no tag can have; other names as they are.
            let whole = "refs/heads/" + branch
            base = try await git.commit(whole) == nil ? branch : whole
        } else if let repo = workspace.repo {
            let clone = own.appending(path: "clone").path(percentEncoded: false)
            git = GitCommand(folder: clone, access: access)
            lock = RepositoryLock(path: own.appending(path: "lock").path(percentEncoded: false))
            // A fetch moves the branches of origin, and not those of the clone.
            base = "refs/remotes/origin/" + branch
            prefix = ""
            try await Self.update(clone, of: repo, git, lock)
        } else {
            throw DibsError(
                .gitFailed, "The workspace has no repository.",
                details: ["workspace": workspace.name],
                hint: "Give it one: dibs workspace add NAME --local-path PATH.")
        }
        guard try await git.commit(base) != nil else { throw Self.noBase(workspace) }
    }

    private static func noBase(_ workspace: Workspace) -> DibsError {
        guard let branch = workspace.gitConfig?.baseBranch else {
            return DibsError(
                .gitFailed, "The repository has no commit to begin from yet.",
                details: ["workspace": workspace.name], hint: "Commit something there first.")
        }
        return DibsError(
            .gitFailed, "The repository has no such base branch.",
            details: ["workspace": workspace.name, "baseBranch": branch],
            hint: "Make the branch, or set another base branch for the workspace.")
    }

    /// Clones, or brings the clone up to date from the address itself: the clone's own remotes are
    /// as the last agent left them.
    private static func update(
        _ clone: String, of repo: String, _ git: GitCommand, _ lock: RepositoryLock
    ) async throws {
        try await lock.held {
            // A folder without a repository of its own is what a clone left that was cut off.
            if FileManager.default.fileExists(atPath: clone + "/.git") {
                try await git.checkWay()
                try await git.run(
                    "fetch", "--quiet", "--prune", "--upload-pack=git-upload-pack", "--", repo,
                    "+refs/heads/*:refs/remotes/origin/*")
                try await followHead(of: repo, git)
            } else {
                let parent = URL(filePath: clone).deletingLastPathComponent()
                let fresh = clone + "-" + UUID().uuidString
                defer { try? FileManager.default.removeItem(atPath: fresh) }
                try await GitCommand(
                    folder: parent.path(percentEncoded: false), access: git.access
                ).run("clone", "--quiet", "--", repo, fresh)
                try? FileManager.default.removeItem(atPath: clone)
                try FileManager.default.moveItem(atPath: fresh, toPath: clone)
            }
        }
    }

    /// Lets `origin/HEAD` be the branch that the remote's own head is on now.
    private static func followHead(of repo: String, _ git: GitCommand) async throws {
        let told = try await git.run(
            "ls-remote", "--upload-pack=git-upload-pack", "--symref", "--", repo, "HEAD")
        let mark = "ref: refs/heads/"
        guard let line = told.split(separator: "\n").first(where: { $0.hasPrefix(mark) }),
            let name = line.dropFirst(mark.count).split(separator: "\t").first
        else { return }
        try await git.run(
            "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/" + name)
    }

    /// Makes a worktree on a new branch.
    func addWorktree(branch: String) async throws -> Worktree {
        let name = branch.replacing("/", with: "-")
        let folder = worktrees.appending(path: name).path(percentEncoded: false)
        let start = try await git.run("rev-parse", base + "^{commit}")
        try await lock.held {
            // A branch that was there before is never taken away.
            let isTaken = try await git.commit("refs/heads/" + branch) != nil
            do {
                try await git.run("worktree", "add", "--quiet", "-b", branch, "--", folder, start)
            } catch {
                if !isTaken { await undo(folder, branch) }
                throw error
            }
        }
        let beginning = folder + "/" + prefix
        let isThere = !prefix.isEmpty && FileManager.default.fileExists(atPath: beginning)
        return Worktree(
            folder: folder, workFolder: isThere ? beginning : folder, start: start, branch: branch)
    }

    /// Takes away what a worktree that could not be made has left, however this ends.
    private func undo(_ folder: String, _ branch: String) async {
        await Task {
            _ = try? await git.run("worktree", "remove", "--force", "--", folder)
            _ = try? await git.run("branch", "--quiet", "-D", "--", branch)
        }.value
    }

    /// Counts and shows the commits that the start had not, on the agent's own branch and on the
    /// one that it renamed it to or left it for.
    func change(in worktree: Worktree) async throws -> Change {
        var change = Change()
        let head = try await head(of: worktree)
        if head.branch != worktree.branch { change.branch = head.branch }
        let own = try await git.commit("refs/heads/" + worktree.branch)
        let ends = [head.commit] + (own.map { [$0] } ?? [])
        change.commits =
            Int(try await git.run(["rev-list", "--count"] + ends + ["--not", worktree.start])) ?? 0
        guard change.commits > 0 else { return change }
        let isOnHead =
            try await git.run(
                "rev-list", "--count", head.commit, "--not", worktree.start) != "0"
        let range = [worktree.start, isOnHead ? head.commit : own ?? head.commit]
        try await diff("--numstat", range) { file in
            for line in try Data(contentsOf: file, options: .mappedIfSafe).split(separator: 0x0A) {
                let numbers = line.split(separator: 0x09, maxSplits: 2)
                change.files += 1
                change.added = change.added.adding(saturating: Self.count(numbers.first))
                change.removed = change.removed.adding(
                    saturating: Self.count(numbers.dropFirst().first))
            }
        }
        try await diff("--patch", range) { file in
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            let bytes = try handle.read(upToCount: Self.patchLimit) ?? Data()
            change.patch = StorableText.of(bytes, limit: Self.patchLimit)
        }
        return change
    }

    /// The commit that an agent's folder is at, and the branch that has it.
    ///
    /// The repository says so, without a look into a folder that is the agent's. A head without a
    /// branch is put on the attempt's own branch where that only moves it on, else under
    /// `refs/dibs/`, so that nothing takes its commits away.
    private func head(
        of worktree: Worktree
    ) async throws -> (commit: String, branch: String) {
        let entry = try await entry(of: worktree)
        func value(_ name: String) -> String? {
            entry?.first { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
        }
        let own = "refs/heads/" + worktree.branch
        guard let commit = value("HEAD "), commit.contains(where: { $0 != "0" }) else {
            return (try await git.run("rev-parse", "--verify", own), worktree.branch)
        }
        if let branch = value("branch refs/heads/") { return (commit, branch) }
        let movesOn =
            if let before = try await git.commit(own) {
                try await git.answer("merge-base", "--is-ancestor", before, commit) != nil
            } else { true }
        let name = movesOn ? own : "refs/dibs/" + worktree.branch
        try await git.run("update-ref", name, commit)
        return (commit, movesOn ? worktree.branch : name)
    }

    /// Lines of `git worktree list` about one; nil when the repository knows it no more.
    private func entry(of worktree: Worktree) async throws -> [Substring]? {
        let mark = "worktree "
        let place = URL(filePath: worktree.folder).resolvingSymlinksInPath().path()
        return try await git.run("worktree", "list", "--porcelain", "-z")
            .split(separator: "\0\0").map { $0.split(separator: "\0") }
            .first { lines in
                lines.contains { line in
                    guard line.hasPrefix(mark) else { return false }
                    let path = String(line.dropFirst(mark.count))
                    return URL(filePath: path).resolvingSymlinksInPath().path() == place
                }
            }
    }

    /// Lines as git counts them; 0 where it says `-`, of a binary file.
    private static func count(_ word: Data?) -> Int {
        word.flatMap { Int(String(decoding: $0, as: UTF8.self)) } ?? 0
    }

    /// Reads the difference of two commits by way of a file, since it may be of any size.
    ///
    /// No configuration changes how this command writes it.
    private func diff(
        _ form: String, _ range: [String], _ read: (URL) throws -> Void
    ) async throws {
        let name = "dibs-diff-" + UUID().uuidString
        let file = FileManager.default.temporaryDirectory.appending(path: name)
        defer { try? FileManager.default.removeItem(at: file) }
        try await git.run(
            ["diff-tree", "-r", "-M", "--no-ext-diff", "--no-textconv", "--no-color", form]
                + ["--output=" + file.path(percentEncoded: false)] + range + ["--"])
        try read(file)
    }

    /// Takes the folder away, unless something in it is not committed; the branch stays.
    ///
    /// Answers whether the folder stays. One that its agent has taken away is forgotten.
    @discardableResult
    func remove(_ worktree: Worktree) async throws -> Bool {
        let isThere = FileManager.default.fileExists(atPath: worktree.folder)
        if isThere, try await isDirty(worktree) { return true }
        try await lock.held {
            let isKnown = try await entry(of: worktree) != nil
            guard isThere || isKnown else { return }
            try await git.run("worktree", "remove", "--", worktree.folder)
        }
        return false
    }

    private func isDirty(_ worktree: Worktree) async throws -> Bool {
        // A repository inside the worktree has a configuration of its own: it is not entered.
        let left = try await GitCommand(folder: worktree.folder, access: git.access).run(
            "status", "--porcelain", "--untracked-files=normal", "--ignore-submodules=dirty")
        return !left.isEmpty
    }
}
