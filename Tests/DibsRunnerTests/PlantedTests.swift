import DibsCore
import DibsJSON
import Foundation
import Subprocess
import SystemPackage
import Testing

@testable import DibsRunner

@Suite("What an agent leaves in its repository is not run by the runner's git")
struct PlantedTests {
    /// A way to make git run a program, planted by an agent in its worktree.
    struct Plant: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Plants it: `$EVIL` is the program, `$ORIGIN` where the clone came from.
        let script: String
        /// A command of plain git that falls for it.
        let bite: String
        /// What the runner's git is asked besides its usual calls.
        var also: [String] = []

        init(_ name: String, _ script: String, bite: String, also: [String] = []) {
            (testDescription, self.script, self.bite, self.also) = (name, script, bite, also)
        }
    }

    private static let hooks = """
        for hook in post-checkout post-index-change reference-transaction post-merge pre-auto-gc
        do cp "$EVIL" "$hooks/$hook"; done
        """
    private static let attributes = #"> "$(git rev-parse --git-common-dir)/info/attributes""#

    static let plants = [
        Plant("core.fsmonitor", #"git config core.fsmonitor "$EVIL""#, bite: "git status"),
        Plant(
            "hooks",
            #"hooks="$(git rev-parse --git-common-dir)/hooks"; mkdir -p "$hooks";"# + hooks,
            bite: "git checkout -q -b bitten"),
        Plant(
            "core.hooksPath",
            "hooks=$HOME/hooks; mkdir -p $hooks; git config core.hooksPath $hooks\n" + hooks,
            bite: "git checkout -q -b bitten"),
        Plant(
            "filter.*.clean",
            #"git config filter.e.clean "$EVIL"; touch -d 2001-01-01 file; echo '* filter=e'"#
                + attributes, bite: "git status"),
        Plant(
            "a filter whose name holds an =",
            #"git config filter.a=b.clean "$EVIL"; touch -d 2001-01-01 file; echo '* filter=a=b'"#
                + attributes, bite: "git status"),
        Plant(
            "filter.*.smudge",
            #"git config filter.e.smudge "$EVIL"; echo '* filter=e'"#
                + attributes, bite: "rm file; git checkout -- file"),
        Plant(
            "filter.*.process",
            #"git config filter.E.process "$EVIL"; git config filter.E.required true; "#
                + "echo '* filter=E'" + attributes, bite: "rm file; git checkout -- file"),
        Plant(
            "diff.*.textconv",
            #"git config diff.e.textconv "$EVIL"; echo '* diff=e'"#
                + attributes, bite: "git diff HEAD~ HEAD"),
        Plant(
            "diff.*.command",
            #"git config diff.e.command "$EVIL"; echo '* diff=e'"#
                + attributes, bite: "git diff HEAD~ HEAD"),
        Plant(
            "diff.external", #"git config diff.external "$EVIL""#, bite: "git diff HEAD~ HEAD"),
        Plant(
            "remote.*.uploadpack", #"git config remote.origin.uploadpack "$EVIL""#,
            bite: "git fetch origin"),
        Plant(
            "url.*.insteadOf", #"git config "url.ext::$EVIL .insteadOf" "$ORIGIN""#,
            bite: "git -c protocol.ext.allow=always fetch origin"),
        Plant(
            "protocol.ext.allow",
            #"git config protocol.ext.allow always; git config remote.origin.url "ext::$EVIL x""#,
            bite: "git fetch origin", also: ["fetch", "origin"]),
        Plant(
            "core.sshCommand", #"git config core.sshCommand "$EVIL""#,
            bite: "git fetch ssh://127.0.0.1:1/x", also: ["fetch", "ssh://127.0.0.1:1/x"]),
        Plant(
            "include.path",
            #"printf '[core]\n fsmonitor = %s\n[filter "e"]\n clean = %s\n' "$EVIL" "$EVIL" "#
                + #"> "$HOME/more"; git config include.path "$HOME/more"; echo '* filter=e'"#
                + attributes, bite: "git status"),
        Plant(
            "a worktree's own configuration",
            "git config extensions.worktreeConfig true\n"
                + #"git config --worktree filter.e.clean "$EVIL"; touch -d 2001-01-01 file"#
                + "\necho '* filter=e'" + attributes, bite: "git status"),
        Plant(
            "a repository inside it",
            """
            git init -q sub; cd sub; echo a > a; git add a
            git -c user.name=T -c user.email=t@example.org commit -qm a
            git config core.fsmonitor "$EVIL"; git config filter.e.clean "$EVIL"
            echo '* filter=e' > .git/info/attributes; touch -d 2001-01-01 a; cd ..
            git add sub; git commit -qm sub
            """, bite: "git status"),
        Plant(
            "another repository in its place",
            """
            mv .git kept; git init -q; git config core.fsmonitor "$EVIL"
            git config filter.e.clean "$EVIL"; echo '* filter=e' > .git/info/attributes
            git add file; touch -d 2001-01-01 file
            """, bite: "git status"),
    ]

    @Test(arguments: plants)
    func `no plant is run`(_ plant: Plant) async throws {
        try await withFolder { folder in
            let origin = folder.appending(path: "origin").path(percentEncoded: false)
            let mark = folder.appending(path: "mark").path(percentEncoded: false)
            // Without a blank in its path: some settings are words of a shell.
            let home = FileManager.default.temporaryDirectory
                .appending(path: "dibs-home-" + UUID().uuidString).path(percentEncoded: false)
            defer { try? FileManager.default.removeItem(atPath: home) }
            let evil = home + "/evil"
            for place in [origin, home] {
                try FileManager.default.createDirectory(
                    atPath: place, withIntermediateDirectories: true)
            }
            try await makeRepository(at: URL(filePath: origin))
            try "#!/bin/sh\ntouch '\(mark)'\nexit 1\n"
                .write(toFile: evil, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: evil)
            let place = testWorkspace { $0.repo = origin }
            let access = GitAccess(transports: ["file"])
            let work = folder.appending(path: "work")
            let repository = try await Repository(of: place, folder: work, access: access)
            let worktree = try await repository.addWorktree(branch: "dibs/a-1")
            let sh: (String) async throws -> Void = { script in
                _ = try await Subprocess.run(
                    .name("sh"), arguments: ["-c", script],
                    environment: .inherit.updating([
                        "EVIL": evil, "ORIGIN": origin, "HOME": home,
                    ]),
                    workingDirectory: FilePath(worktree.folder), output: .discarded,
                    error: .discarded)
            }
            try await sh(
                "git config user.name T; git config user.email t@example.org\n"
                    + "echo more >> file; git commit -qam more\n" + plant.script)
            try await sh(plant.bite)
            #expect(FileManager.default.fileExists(atPath: mark), "plain git falls for it")
            try? FileManager.default.removeItem(atPath: mark)
            // What the runner does from the agent's end to the next one's start. Where it cannot
            // go on it says so, but runs nothing.
            _ = try? await repository.change(in: worktree)
            _ = try? await repository.remove(worktree)
            if !plant.also.isEmpty {
                let git = GitCommand(folder: worktree.folder)
                _ = try? await git.run(plant.also)
            }
            if let next = try? await Repository(of: place, folder: work, access: access) {
                _ = try? await next.addWorktree(branch: "dibs/a-2")
            }
            #expect(!FileManager.default.fileExists(atPath: mark))
        }
    }

    @Test func `the user's own configuration counts where a repository hides it`() {
        let entries = GitSettings.entries(
            in: "global\0filter.lfs.process\ngit-lfs\0local\0filter.lfs.process\nevil\0"
                + "global\0credential.helper\na\0global\0credential.helper\nb\0"
                + "local\0credential.helper\nevil\0local\0core.bare\0local\0user.name\nT\0")
        let found = GitSettings.overrides(of: entries).map { $0.key + "=" + $0.value }
        #expect(
            found == [
                "credential.helper=", "credential.helper=a", "credential.helper=b",
                "filter.lfs.process=", "filter.lfs.process=git-lfs",
            ])
    }
}

/// A workspace as a server would tell of it.
func testWorkspace(_ change: (inout Workspace) -> Void) -> Workspace {
    let now = Date(timeIntervalSince1970: 0)
    var workspace = Workspace(
        id: Identifier(UUID()), name: "site", repo: nil, localPath: nil, memory: [:],
        accessMode: .open, gitConfig: nil, maxWorkers: nil, activeWorkers: 0,
        expectedCost: nil, expectedCostAt: nil, closedAt: nil, createdAt: now, updatedAt: now)
    change(&workspace)
    return workspace
}
