import Testing

@testable import DibsRunner

@Suite("What the runner starts gets the variables that are named, and no other")
struct ChildEnvironmentTests {
    private let own = [
        "PATH": "/bin", "HOME": "/home/ada", "LC_ALL": "C", "SSH_AUTH_SOCK": "/s",
        "ANTHROPIC_API_KEY": "a", "AWS_SECRET_ACCESS_KEY": "b", "https_proxy": "p",
        "GIT_AUTHOR_NAME": "Ada", "GIT_SSH_COMMAND": "ssh -4", "PGPASSWORD": "pg",
        "DIBS_KEY": "k", "DIBS_ADMIN_KEY": "k", "DIBS_TOKEN": "k", "DIBS_KEY_FILE": "k",
        "DIBS_CONFIG": "k", "DIBS_DATABASE_URL": "k", "GIT_DIR": "g", "GIT_WORK_TREE": "g",
        "GIT_INDEX_FILE": "g", "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "g",
        "GIT_CONFIG_PARAMETERS": "g", "GIT_OBJECT_DIRECTORY": "g", "GIT_COMMON_DIR": "g",
    ]

    @Test func `an agent has its surroundings and its provider's keys`() {
        let names = Set(ChildEnvironment.forAgent(passing: [], from: own).keys)
        #expect(
            names == [
                "PATH", "HOME", "LC_ALL", "SSH_AUTH_SOCK", "ANTHROPIC_API_KEY", "https_proxy",
                "GIT_AUTHOR_NAME", "GIT_SSH_COMMAND",
            ])
    }

    @Test func `git has no provider's key`() {
        let names = Set(ChildEnvironment.forGit(from: own).keys)
        #expect(
            names == ["PATH", "HOME", "LC_ALL", "SSH_AUTH_SOCK", "https_proxy", "GIT_SSH_COMMAND"])
    }

    @Test func `more is passed by name, and keys and git's own variables by no name`() {
        let more = ChildEnvironment.forAgent(
            passing: ["AWS_*", "PGPASSWORD", "DIBS_KEY", "GIT_*", "*"], from: own)
        #expect(more["AWS_SECRET_ACCESS_KEY"] == "b" && more["PGPASSWORD"] == "pg")
        #expect(!more.keys.contains { $0.hasPrefix("DIBS_") })
        let git = more.keys.filter { $0.hasPrefix("GIT_") }
        #expect(Set(git) == ["GIT_AUTHOR_NAME", "GIT_SSH_COMMAND"])
    }
}
