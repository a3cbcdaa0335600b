import DibsCore
import DibsTesting
import Foundation
import Testing

@testable import DibsRunner

@Suite("What an agent did is found, wherever it left it")
struct HarvestTests {
    private static let commit = "echo more >> file; git commit -qam more"

    /// A worktree of a repository with one commit, to which a script has been.
    private func withWorktree(
        _ prepare: String = "true", base: String? = nil,
        _ body: (Repository, Repository.Worktree, _ origin: String) async throws -> Void
    ) async throws {
        try await withWorkspace {
            $0.localPath = $1.path(percentEncoded: false)
            $0.gitConfig = base.map { GitConfig(baseBranch: $0) }
        } _: { workspace, origin, folder in
            let path = origin.path(percentEncoded: false)
            try await shell(prepare, in: path)
            let opened = try await openRepository(of: workspace, folder)
            try await body(opened, try await opened.addWorktree(branch: "dibs/a-1"), path)
        }
    }

    private static let branches: [(String, String?)] = [
        ("git branch -m feat/x; " + commit, "feat/x"),
        ("git checkout -qb feat/y; " + commit, "feat/y"),
        (commit + "; git checkout -qb feat/z", "feat/z"),
        ("git checkout -q --detach; " + commit, nil),
        ("git checkout -q --detach; git branch -qD dibs/a-1; " + commit, nil),
        (commit + #"; rm -rf "$PWD""#, nil),
        (commit + #"; git worktree remove --force "$PWD""#, nil),
    ]

    @Test(arguments: branches)
    func `a commit is counted on whatever branch it is, and stays reachable`(
        script: String, branch: String?
    ) async throws {
        try await withWorktree { repository, worktree, origin in
            try await shell(script, in: worktree.folder)
            let change = try await repository.change(in: worktree)
            #expect(change.commits == 1 && change.branch == branch && change.added == 1)
            #expect(change.patch.contains("+more"))
            try await repository.remove(worktree)
            #expect(!FileManager.default.fileExists(atPath: worktree.folder))
            let name = branch ?? "dibs/a-1"
            let log = try await shell(
                "git log --format=%s refs/heads/\(name) | head -1", in: origin)
            #expect(log == "more\n")
            let list = try await shell("git worktree list | wc -l", in: origin)
            #expect(list.trimmingCharacters(in: .whitespacesAndNewlines) == "1")
        }
    }

    @Test func `commits without a branch beside others on it are under a ref of Dibs`() async throws
    {
        try await withWorktree { repository, worktree, origin in
            let script =
                Self.commit + "; git checkout -q --detach HEAD~1; echo y >> file; git commit -qam y"
            try await shell(script + "; echo x >> file; git commit -qam x", in: worktree.folder)
            let change = try await repository.change(in: worktree)
            #expect(change.commits == 3 && change.branch == "refs/dibs/dibs/a-1")
            let log = try await shell(
                "git log --format=%s refs/dibs/dibs/a-1 | head -1", in: origin)
            #expect(log == "x\n")
        }
    }

    @Test func `what was not committed is seen, whatever the configuration hides`() async throws {
        try await withWorktree { repository, worktree, _ in
            let script = "git config status.showUntrackedFiles no; echo unsaved > notes"
            try await shell(script, in: worktree.folder)
            let isKept = try await repository.remove(worktree)
            #expect(isKept)
            #expect(FileManager.default.fileExists(atPath: worktree.folder + "/notes"))
        }
    }

    @Test(
        arguments: [
            "git config diff.noprefix true", "git config color.ui always",
            "git config diff.external /bin/false", "git config diff.mnemonicPrefix true",
            "printf '* diff=x\n' > .git/info/attributes; git config diff.x.textconv 'echo'",
        ])
    func `no configuration changes a patch`(_ setting: String) async throws {
        try await withWorktree(setting) { repository, worktree, _ in
            try await shell(Self.commit, in: worktree.folder)
            let patch = try await repository.change(in: worktree).patch
            #expect(patch.hasPrefix("diff --git a/file b/file\n") && patch.contains("\n+more\n"))
        }
    }

    @Test(
        arguments: [
            (
                #"awk 'BEGIN { for (; i < 900; i++) print "0123456789" }'; printf '\000end\n'"#,
                901
            ),
            (
                #"awk 'BEGIN { for (; i < 5000; i++) print "éééééééééé" }' | iconv -t latin1"#,
                5000
            ),
            (#"head -c 400000 /dev/zero | tr '\000' '\001' | fold -w 80; echo"#, 5000),
        ])
    func `any bytes become a patch that a server stores`(
        script: String, lines: Int
    ) async throws {
        try await withWorktree { repository, worktree, _ in
            let add = "{ \(script); } > new; git add new; git commit -qm new"
            try await shell(add, in: worktree.folder)
            let change = try await repository.change(in: worktree)
            #expect(change.commits == 1 && change.files == 1 && !change.patch.contains("\0"))
            #expect(change.added >= lines)
            let encoded = try JSONEncoder().encode(change.patch)
            #expect(encoded.count <= 950_000 && change.patch.hasPrefix("diff --git"))
        }
    }

    @Test func `a commit of thousands of long names is counted`() async throws {
        try await withWorktree { repository, worktree, _ in
            let script = """
                object=$(echo line | git hash-object -w --stdin)
                name=$(printf 'n%.0s' $(seq 1 190))
                seq 1 45000 | sed "s|.*|100644 $object\t$name&|" | git update-index --index-info
                git commit -qm many
                """
            try await shell(script, in: worktree.folder)
            let change = try await repository.change(in: worktree)
            #expect(change.commits == 1 && change.files == 45_000 && change.added == 45_000)
        }
    }

    @Test func `a tag named like the base branch does not stand for it`() async throws {
        let prepare = """
            git tag next; git checkout -qb next; echo next > file; git commit -qam next
            git checkout -q -
            """
        try await withWorktree(prepare, base: "next") { _, worktree, _ in
            let file = try String(contentsOfFile: worktree.folder + "/file", encoding: .utf8)
            #expect(file == "next\n")
        }
    }

    @Test func `a workspace in a folder of a repository begins in that folder`() async throws {
        try await withWorkspace {
            $0.localPath = $1.path(percentEncoded: false) + "/a/b"
        } _: { workspace, origin, folder in
            let path = origin.path(percentEncoded: false)
            try await shell(
                "mkdir -p a/b; echo deep > a/b/c; git add .; git commit -qm deep", in: path)
            let worktree = try await openRepository(of: workspace, folder).addWorktree(
                branch: "dibs/a-1")
            #expect(FileManager.default.fileExists(atPath: worktree.workFolder + "/c"))
        }
    }

    @Test func `a worktree that cannot be made leaves no branch`() async throws {
        try await withWorktree { repository, worktree, origin in
            let other = worktree.folder.replacing("dibs-a-1", with: "dibs-a-2")
            try await shell("mkdir '\(other)'; echo > '\(other)/in-the-way'", in: origin)
            await #expect(throws: DibsError.self) {
                _ = try await repository.addWorktree(branch: "dibs/a-2")
            }
            let branches = try await shell("git branch --list 'dibs/*'", in: origin)
            #expect(!branches.contains("dibs/a-2"))
            #expect(FileManager.default.fileExists(atPath: other + "/in-the-way"))
        }
    }

    @Test func `a clone follows the head of its remote, and one cut off is made anew`() async throws
    {
        try await withWorkspace {
            $0.repo = $1.path(percentEncoded: false)
        } _: { workspace, origin, folder in
            let path = origin.path(percentEncoded: false)
            let clone = folder.appending(path: "\(workspace.id)/clone")
            try FileManager.default.createDirectory(at: clone, withIntermediateDirectories: true)
            _ = try await openRepository(of: workspace, folder)
            let git = clone.path(percentEncoded: false) + "/.git"
            #expect(FileManager.default.fileExists(atPath: git))
            let script = "git checkout -qb trunk; echo trunk > file; git commit -qam trunk"
            try await shell(script, in: path)
            let worktree = try await openRepository(of: workspace, folder).addWorktree(
                branch: "dibs/a-1")
            let file = try String(contentsOfFile: worktree.folder + "/file", encoding: .utf8)
            #expect(file == "trunk\n")
        }
    }

    @Test(arguments: [nil, "no-such-branch"])
    func `a repository without a beginning says which it lacks`(_ base: String?) async throws {
        try await withWorkspace {
            $0.localPath = $1.path(percentEncoded: false)
            $0.gitConfig = base.map { GitConfig(baseBranch: $0) }
        } _: { workspace, origin, folder in
            try await shell("rm -r .git; git init -q .", in: origin.path(percentEncoded: false))
            let error = try await failure(as: DibsError.self) {
                try await openRepository(of: workspace, folder)
            }
            let lacks = base == nil ? "no commit" : "no such base branch"
            #expect(error?.message.contains(lacks) == true)
        }
    }

    @Test func `a worktree that is refused takes no branch away that was there`() async throws {
        try await withWorktree("git branch dibs/a-2") { repository, _, origin in
            await #expect(throws: DibsError.self) {
                _ = try await repository.addWorktree(branch: "dibs/a-2")
            }
            let branches = try await shell("git branch --list dibs/a-2", in: origin)
            #expect(branches.contains("dibs/a-2"))
        }
    }

    @Test func `other folders that are away are not forgotten with an agent's own`() async throws {
        let prepare = "git worktree add -q -b other ../other; mv ../other ../away"
        try await withWorktree(prepare) { repository, worktree, origin in
            try await shell(#"rm -rf "$PWD""#, in: worktree.folder)
            try await repository.remove(worktree)
            let list = try await shell("git worktree list", in: origin)
            #expect(list.contains("/other") && !list.contains("dibs-a-1"))
        }
    }
}
