import DibsCore
import DibsTesting
import Testing

@Suite("Settings of git are checked where they are said, and can be changed and set back")
struct GitSettingTests {
    private static let all = GitConfig(
        baseBranch: "main", branchPrefix: "agents/", setup: "npm ci\nnpm run build",
        copyIn: [".env", "config/local"], uncommitted: .commit, push: true, inPlace: false)

    @Test(arguments: Door.all)
    func `what was set is there, each setting by itself`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.gitConfig = Self.all }
            #expect(workspace.gitConfig == Self.all)
            var wanted = Self.all
            for (change, apply) in Self.changes {
                let changed = try await bed.service.updateWorkspace(
                    workspace.id, WorkspaceChange(gitConfig: change), as: bed.admin)
                apply(&wanted)
                #expect(changed.gitConfig == wanted)
            }
            let all = GitConfigChange(clearing: Set(GitConfig.CodingKeys.allCases))
            let bare = try await bed.service.updateWorkspace(
                workspace.id, WorkspaceChange(gitConfig: all), as: bed.admin)
            #expect(bare.gitConfig == nil)
        }
    }

    private static let changes: [(GitConfigChange, @Sendable (inout GitConfig) -> Void)] = [
        (GitConfigChange(GitConfig(baseBranch: "next")), { $0.baseBranch = "next" }),
        (GitConfigChange(clearing: [.branchPrefix]), { $0.branchPrefix = nil }),
        (
            GitConfigChange(GitConfig(push: false), clearing: [.setup]),
            {
                ($0.push, $0.setup) = (false, nil)
            }
        ),
        (GitConfigChange(GitConfig(uncommitted: .wip)), { $0.uncommitted = .wip }),
        (GitConfigChange(), { _ in }),
    ]

    private static let refused: [(String, GitConfig)] = [
        ("baseBranch", GitConfig(baseBranch: "--upload-pack=x")),
        ("baseBranch", GitConfig(baseBranch: "a..b")),
        ("branchPrefix", GitConfig(branchPrefix: "a b/")),
        ("branchPrefix", GitConfig(branchPrefix: "-")),
        ("setup", GitConfig(setup: "")),
        ("setup", GitConfig(setup: String(repeating: "x", count: 4001))),
        ("copyIn", GitConfig(copyIn: ["../secrets"])),
        ("copyIn", GitConfig(copyIn: ["/etc/passwd"])),
        ("copyIn", GitConfig(copyIn: Array(repeating: "a", count: 101))),
    ]

    @Test(arguments: Door.all)
    func `what git or a runner could not take is refused by its name, and nothing changes`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.gitConfig = Self.all }
            for (field, config) in Self.refused {
                let made = try await failure(as: DibsError.self) {
                    _ = try await bed.workspace("other") { $0.gitConfig = config }
                }
                let changed = try await failure(as: DibsError.self) {
                    _ = try await bed.service.updateWorkspace(
                        workspace.id, WorkspaceChange(gitConfig: GitConfigChange(config)),
                        as: bed.admin)
                }
                for error in [made, changed] {
                    #expect(error?.code == .invalidField)
                    #expect(error?.details["field"] == "gitConfig.\(field)")
                }
            }
            let path = try await bed.code {
                _ = try await bed.service.updateWorkspace(
                    workspace.id, WorkspaceChange(localPath: "site"), as: bed.admin)
            }
            #expect(path == .invalidField)
            let left = try await bed.service.workspaces(named: nil, .first, as: bed.admin)
            #expect(left.items == [workspace])
        }
    }

    @Test(arguments: Door.all)
    func `a branch has at most what a prefix was checked with`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.gitConfig = GitConfig(branchPrefix: "") }
            let (_, key) = try await bed.account(in: workspace)
            try await bed.task(String(repeating: "word ", count: 100), in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            #expect(worker.branch.count <= BranchName.longestTail.count)
            #expect(BranchName.isValid(worker.branch))
        }
    }
}
