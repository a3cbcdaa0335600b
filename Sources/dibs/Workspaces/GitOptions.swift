internal import ArgumentParser
internal import DibsCore
internal import Foundation

/// Settings of how runners branch, prepare and commit, as the verbs that make and change a
/// workspace take them.
struct GitOptions: ParsableArguments {
    /// The heading of these options in a help.
    static let title =
        "Git (dibs work goes by base branch and prefix; the others are kept for a later version)"

    @Option(help: "The branch that work starts from. Default: the repository's own head.")
    var baseBranch: String?

    @Option(help: "The beginning of each branch's name. Default: dibs/.")
    var branchPrefix: String?

    @Option(help: "A shell command that is run once in each new worktree, before the agent.")
    var setup: String?

    @Option(
        help: """
            A file or folder that git ignores, to copy from the repository's own folder into each \
            new worktree, such as .env; may be repeated.
            """)
    var copyIn: [String] = []

    @Option(
        help: """
            What becomes of what an agent has not committed: keep leaves its folder, commit adds a \
            last commit to its branch, wip one under a ref beside it. Default: keep.
            """)
    var uncommitted: String?

    @Flag(
        inversion: .prefixedNo,
        help: "Push the branch to the remote after each attempt. Default: no.")
    var push: Bool?

    @Flag(
        inversion: .prefixedNo,
        help: "Work in the repository's own folder, one at a time, no worktree. Default: no.")
    var inPlace: Bool?

    /// The settings that were named; throws `usage` for a word that is no choice.
    func settings() throws -> GitConfig {
        GitConfig(
            baseBranch: baseBranch, branchPrefix: branchPrefix, setup: setup,
            copyIn: copyIn.isEmpty ? nil : copyIn,
            uncommitted: try uncommitted.map { try choice($0, "--uncommitted") }, push: push,
            inPlace: inPlace)
    }
}

/// A setting of git by the name of its option, to set it back to its default.
enum GitSetting: String, CaseIterable {
    case baseBranch = "base-branch"
    case branchPrefix = "branch-prefix"
    case setup
    case copyIn = "copy-in"
    case uncommitted, push
    case inPlace = "in-place"

    /// The field that it is on the wire.
    var field: GitConfig.CodingKeys {
        switch self {
        case .baseBranch: .baseBranch
        case .branchPrefix: .branchPrefix
        case .setup: .setup
        case .copyIn: .copyIn
        case .uncommitted: .uncommitted
        case .push: .push
        case .inPlace: .inPlace
        }
    }
}

/// A path that was typed in, from the root: a runner starts in another folder.
func absolutePath(_ path: String) -> String {
    let whole = URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
    return whole.count > 1 && whole.hasSuffix("/") ? String(whole.dropLast()) : whole
}
