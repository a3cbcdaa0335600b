import DibsCore
import DibsTesting
import Foundation
import Subprocess
import SystemPackage
import Testing

@testable import DibsRunner

@Suite("A worktree and a branch an attempt")
struct RepositoryTests {
    @Test func `commits, files and lines on the branch are counted`() async throws {
        try await withWorkspace { workspace, origin, folder in
            let repository = try await openRepository(of: workspace, folder)
            let worktree = try await repository.addWorktree(branch: "dibs/a-1")
            #expect(try await repository.change(in: worktree) == Repository.Change())
            let script = """
                printf 'two\\nthree\\n' > file; git commit -qam second
                echo new > other; git add .; git commit -qm third
                """
            try await shell(script, in: worktree.folder)
            let change = try await repository.change(in: worktree)
            #expect(change.commits == 2 && change.files == 2)
            #expect(change.added == 3 && change.removed == 1 && change.patch.contains("+three"))
            try await repository.remove(worktree)
            #expect(!FileManager.default.fileExists(atPath: worktree.folder))
            let log = try await shell(
                "git log --oneline dibs/a-1 | wc -l", in: origin.path(percentEncoded: false))
            #expect(log.contains("3"), "the branch stays")
        }
    }

    @Test func `what was not committed is kept with its folder`() async throws {
        try await withWorkspace { workspace, _, folder in
            let repository = try await openRepository(of: workspace, folder)
            let worktree = try await repository.addWorktree(branch: "dibs/a-1")
            try await shell("echo unsaved > notes", in: worktree.folder)
            try await repository.remove(worktree)
            #expect(FileManager.default.fileExists(atPath: worktree.folder + "/notes"))
        }
    }

    @Test func `a repository that is far away is cloned once`() async throws {
        try await withWorkspace({ $0.repo = $1.path(percentEncoded: false) }) {
            workspace, _, folder in
            for attempt in 1...2 {
                let repository = try await openRepository(of: workspace, folder)
                let worktree = try await repository.addWorktree(branch: "dibs/a-\(attempt)")
                #expect(FileManager.default.fileExists(atPath: worktree.folder + "/file"))
            }
        }
    }

    @Test func `many attempts begin at once in one repository`() async throws {
        try await withWorkspace({ $0.repo = $1.path(percentEncoded: false) }) {
            workspace, _, folder in
            let made = try await withThrowingTaskGroup(of: String.self) { group in
                for attempt in 0..<8 {
                    group.addTask {
                        let repository = try await openRepository(of: workspace, folder)
                        return try await repository.addWorktree(branch: "dibs/a-\(attempt)").folder
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(made).count == 8)
        }
    }

    @Test func `a clone begins where its origin is now, on any branch`() async throws {
        let far: (inout NewWorkspace, URL) -> Void = { new, origin in
            new.repo = origin.path(percentEncoded: false)
            new.gitConfig = GitConfig(baseBranch: "next")
        }
        try await withWorkspace(far) { workspace, origin, folder in
            let path = origin.path(percentEncoded: false)
            try await shell("git checkout -q -b next", in: path)
            _ = try await openRepository(of: workspace, folder)
            try await shell("echo later > later; git add .; git commit -qm later", in: path)
            let repository = try await openRepository(of: workspace, folder)
            let worktree = try await repository.addWorktree(branch: "dibs/a-1")
            #expect(FileManager.default.fileExists(atPath: worktree.folder + "/later"))
        }
    }

    @Test func `no repository, no commit and a wrong base are said to be so`() async throws {
        let changes: [(inout NewWorkspace, URL) -> Void] = [
            { _, _ in }, { new, _ in new.localPath = "/nowhere" },
            { new, origin in
                new.localPath = origin.path(percentEncoded: false)
                new.gitConfig = GitConfig(baseBranch: "no-such-branch")
            },
        ]
        for change in changes {
            try await withWorkspace(change) { workspace, _, folder in
                let error = try await failure(as: DibsError.self) {
                    try await openRepository(of: workspace, folder)
                }
                #expect(error?.code == .gitFailed)
            }
        }
    }
}
