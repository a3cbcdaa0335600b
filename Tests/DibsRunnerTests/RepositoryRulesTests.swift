import DibsCore
import Testing

@testable import DibsRunner

@Suite("A runner works in the repositories that its owner allows")
struct RepositoryRulesTests {
    private func transports(
        of repo: String, allowing allowed: [String] = []
    ) -> [String]? {
        let rules = RepositoryRules(allowed: allowed, server: "https://dibs.example.org")
        return try? rules.access(to: testWorkspace { $0.repo = repo }).transports
    }

    @Test(
        arguments: [
            "https://git.example.org/a.git", "ssh://git@git.example.org/a",
            "git@git.example.org:a/b.git", "host:path", "HTTPS://git.example.org/a",
        ])
    func `https and ssh are taken`(_ repo: String) {
        #expect(transports(of: repo) == ["https", "ssh"])
    }

    @Test(
        arguments: [
            "file:///etc", "/srv/repos/a", "./a", "a", "../a", "./a:b", "http://intranet/a",
            "git://host/a", "ftp://host/a",
        ])
    func `a path, and what is not encrypted, is refused`(_ repo: String) {
        #expect(transports(of: repo) == nil)
    }

    @Test(
        arguments: [
            "ext::sh -c touch% /tmp/x", "fd::3", "-uhelp", "--upload-pack=touch x", "",
            "https://a/b\u{1B}[2J", "https://a/b\nc", "foo::https://a/b",
        ])
    func `what runs a program or is an option is refused whatever is allowed`(_ repo: String) {
        #expect(transports(of: repo, allowing: ["*"]) == nil)
    }

    @Test func `a pattern allows an address or a path, and nothing beside it`() {
        #expect(transports(of: "/srv/repos/a", allowing: ["/srv/repos/*"])?.last == "file")
        #expect(transports(of: "file:///srv/repos/a", allowing: ["/srv/repos/*"])?.last == "file")
        #expect(transports(of: "file:///srv/repos/a", allowing: ["file:///srv/*"])?.last == "file")
        #expect(transports(of: "/srv/repos/", allowing: ["/srv/repos"])?.last == "file")
        #expect(transports(of: "http://intranet/a", allowing: ["http://intranet/*"]) != nil)
        for repo in [
            "/srv/repos/../../etc", "file:///srv/repos/%2e%2e/%2e%2e/etc", "/srv/reposx", "/srv",
        ] {
            let found = transports(of: repo, allowing: ["/srv/repos/*", "/srv/repos"])
            #expect(found == nil, "\(repo)")
        }
    }

    @Test func `a path on this machine is taken from a server on this machine`() {
        let place = testWorkspace { $0.localPath = "/srv/a" }
        for server in ["http://127.0.0.1:7171", "http://localhost:1", "http://[::1]:7171"] {
            #expect(throws: Never.self) { try RepositoryRules(server: server).check(place) }
        }
        for server in ["https://dibs.example.org", "http://127.0.0.1.evil.org", "http://10.0.0.1"] {
            let error = #expect(throws: DibsError.self) {
                try RepositoryRules(server: server).check(place)
            }
            #expect(error?.hint?.contains("--allow-repo") == true)
            #expect(throws: Never.self) {
                try RepositoryRules(allowed: ["/srv/*"], server: server).check(place)
            }
        }
    }

    @Test func `a branch that is an option is refused`() {
        let place = testWorkspace {
            $0.repo = "https://git.example.org/a"
            $0.gitConfig = GitConfig(baseBranch: "--upload-pack=x")
        }
        #expect(throws: DibsError.self) {
            try RepositoryRules(allowed: ["*"], server: "http://localhost").check(place)
        }
    }
}
