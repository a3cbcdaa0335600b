internal import Foundation

/// The variables that the processes a runner starts may have: those named here, and no other.
///
/// No key of an account is among them, and none of the variables by which git is pointed at a
/// repository (`git rev-parse --local-env-vars`).
package enum ChildEnvironment {
    /// Variables that every child needs, and how it reaches the network.
    private static let basic = [
        "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "LC_*", "TZ", "TMPDIR", "XDG_*",
        "SSH_AUTH_SOCK", "SSH_AGENT_PID", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT",
        "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy",
        "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH", "CURL_CA_BUNDLE",
    ]

    /// Variables that git gets besides, from whoever runs the runner.
    private static let git = [
        "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_ASKPASS",
    ]

    /// Variables that an agent gets besides: a shell's surroundings, and its providers' keys.
    private static let agent = [
        "SHELL", "TERM", "COLORTERM", "NO_COLOR", "EDITOR", "VISUAL", "PAGER", "CI",
        "GIT_AUTHOR_*", "GIT_COMMITTER_*", "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE",
        "JAVA_HOME", "CARGO_HOME", "RUSTUP_HOME", "GOPATH", "NVM_DIR", "VIRTUAL_ENV",
        "ANTHROPIC_*", "CLAUDE_*", "OPENAI_*", "CODEX_*", "GEMINI_*", "GOOGLE_API_KEY",
        "MISTRAL_*", "OPENROUTER_*",
    ]

    /// Never handed on, whoever asks for it.
    private static let withheld = [
        "DIBS_*", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS",
        "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_*", "GIT_CONFIG_VALUE_*", "GIT_OBJECT_DIRECTORY",
        "GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
        "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_PREFIX",
        "GIT_INTERNAL_SUPER_PREFIX", "GIT_SHALLOW_FILE", "GIT_COMMON_DIR",
    ]

    /// The names an agent gets, as the help shows them.
    package static var agentNames: [String] { basic + agent }

    /// Whether a name may be asked for with `--pass-env`.
    package static func mayPass(_ name: String) -> Bool { !matches(name, withheld) }

    /// An agent's variables out of the runner's own; `more` are names, or beginnings with a `*`.
    static func forAgent(
        passing more: [String],
        from own: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String: String] { own.filter { isPassed($0.key, basic + agent + more) } }

    /// The variables of the runner's own git.
    static func forGit(
        from own: [String: String] = ProcessInfo.processInfo.environment
    ) -> [String: String] { own.filter { isPassed($0.key, basic + git) } }

    private static func isPassed(_ name: String, _ names: [String]) -> Bool {
        matches(name, names) && mayPass(name)
    }

    private static func matches(_ name: String, _ names: [String]) -> Bool {
        names.contains { known in
            known.last == "*" ? name.hasPrefix(known.dropLast()) : name == known
        }
    }
}
