internal import DibsCore
internal import Foundation
internal import Subprocess
internal import SystemPackage

/// The access of a runner's git to a repository.
struct GitAccess: Sendable, Hashable {
    /// The transports it may use, as `GIT_ALLOW_PROTOCOL` names them.
    var transports = ["https", "ssh"]
    /// Whether the repository's own hooks and filters run.
    var runsPrograms = false
}

/// Runs git in a folder, with an environment of its own and without what the repository's
/// configuration would have it run.
struct GitCommand: Sendable {
    let folder: String
    var access = GitAccess()

    /// So many bytes of its output are kept.
    private static let limit = 8 * 1024 * 1024

    /// Runs it and answers its output, without the last line's end; throws `git_failed` with git's
    /// own words.
    @discardableResult
    func run(_ arguments: String...) async throws -> String { try await run(arguments) }

    /// Those arguments as a list.
    @discardableResult
    func run(_ arguments: [String]) async throws -> String {
        try await output(arguments, try await overrides()).trimmingCharacters(in: .newlines)
    }

    /// Asks it a question, as `run` does; answers nil for a no, which is git's exit status 1.
    func answer(_ arguments: String...) async throws -> String? {
        let result = try await result(of: arguments, try await overrides())
        if case .exited(1) = result.terminationStatus { return nil }
        return try checked(result, arguments).trimmingCharacters(in: .newlines)
    }

    /// The commit of a revision; nil when there is none.
    func commit(_ revision: String) async throws -> String? {
        try await answer("rev-parse", "--verify", "--quiet", revision + "^{commit}")
    }

    /// Settings of the repository that each call overrides; throws `git_failed` for those that
    /// cannot be seen beforehand.
    private func overrides() async throws -> [GitSettings.Override] {
        guard !access.runsPrograms else { return [] }
        let entries = try await entries()
        if let condition = GitSettings.condition(in: entries) {
            throw DibsError(
                .gitFailed, "The repository's configuration depends on where git runs.",
                details: ["setting": condition, "folder": folder],
                hint:
                    "See who set it: git config --unset takes it away; dibs work --hooks trusts it."
            )
        }
        return GitSettings.overrides(of: entries)
    }

    /// Throws `git_failed` when the repository's own configuration leads fetches elsewhere.
    func checkWay() async throws {
        guard let key = GitSettings.astray(in: try await entries()) else { return }
        throw DibsError(
            .gitFailed, "The repository's configuration leads fetches elsewhere.",
            details: ["setting": key, "folder": folder],
            hint: "See who set it; git config --unset takes it away, or remove the folder.")
    }

    /// The configuration as git sees it here; reading it runs nothing.
    private func entries() async throws -> [GitSettings.Entry] {
        GitSettings.entries(
            in: try await output(["config", "--list", "--show-scope", "-z"], []))
    }

    private typealias Result = ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>

    private func output(
        _ arguments: [String], _ found: [GitSettings.Override]
    ) async throws -> String {
        try checked(try await result(of: arguments, found), arguments)
    }

    private func result(
        of arguments: [String], _ found: [GitSettings.Override]
    ) async throws -> Result {
        do {
            return try await Subprocess.run(
                .name("git"), arguments: Arguments(["-C", folder] + arguments),
                environment: environment(found),
                output: .string(limit: Self.limit), error: .string(limit: Self.limit))
        } catch let error as SubprocessError {
            throw DibsError(
                .gitFailed, "git cannot be run.", details: ["reason": "\(error)"],
                hint: "Install git, and see that its output stays below 8 MiB.")
        }
    }

    private func checked(_ result: Result, _ arguments: [String]) throws -> String {
        guard result.terminationStatus.isSuccess else {
            throw DibsError(
                .gitFailed, "git refused.",
                details: [
                    "command": "git " + arguments.joined(separator: " "), "folder": folder,
                    "said": String(
                        result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
                            .prefix(500)),
                ],
                hint: "Run the command there by hand to see more.")
        }
        return result.standardOutput
    }

    private func environment(_ found: [GitSettings.Override]) -> Environment {
        let hooks = access.runsPrograms ? [] : [GitSettings.noHooks]
        let settings = GitSettings.always + hooks + found
        var variables = ChildEnvironment.forGit()
        variables["GIT_TERMINAL_PROMPT"] = "0"
        variables["GIT_OPTIONAL_LOCKS"] = "0"
        variables["GIT_PROXY_COMMAND"] = ""
        variables["GIT_PROTOCOL_FROM_USER"] = "0"
        variables["GIT_ALLOW_PROTOCOL"] = access.transports.joined(separator: ":")
        // Not by -c, which takes no key with an = in it.
        variables["GIT_CONFIG_COUNT"] = "\(settings.count)"
        for (index, setting) in settings.enumerated() {
            variables["GIT_CONFIG_KEY_\(index)"] = setting.key
            variables["GIT_CONFIG_VALUE_\(index)"] = setting.value
        }
        var keyed: [Environment.Key: String] = [:]
        for (name, value) in variables { keyed[Environment.Key(stringLiteral: name)] = value }
        return .custom(keyed)
    }
}
