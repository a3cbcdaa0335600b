import DibsCore
import DibsJSON
import Testing

@Suite("What git takes for a branch, a repository and a path is taken, and nothing else")
struct BranchNameTests {
    @Test(
        arguments: [
            "main", "release/1.2", "a", "feat/é", "日本", "x@y", "a-b_c+d=e,f;g!h#i$j%k&l'm(n)",
            "-/a".replacing("-", with: "b"), "a/-b", "locked", "a.lock.b", "HEADS",
        ])
    func `a name that git takes is a branch's`(name: String) { #expect(BranchName.isValid(name)) }

    @Test(
        arguments: [
            "", "--upload-pack=x", "-b", "a..b", "a b", " a", "a\tb", "a\nb", "a\u{0}", "a\u{7F}",
            "a\u{A0}b", "a\u{202E}b", "a.lock", "a.lock/b", "a@{1}", "@", "HEAD", "a\\b", "a~1",
            "a^", "a:b", "a?", "a*", "a[0]", ".a", "a/.b", "/a", "a/", "a//b", "a.",
            String(repeating: "x", count: 251), String(repeating: "é", count: 126),
            String(repeating: "x/", count: 500) + "x",
        ])
    func `what git would refuse or misread is no branch's name`(name: String) {
        #expect(!BranchName.isValid(name))
    }

    @Test func `a prefix is one with all that a claim appends`() {
        for prefix in ["", "dibs/", "a-", "agents/of/ada."] {
            #expect(BranchName.isPrefix(prefix), "\(prefix)")
        }
        for prefix in [
            "/", "-", "a//", "a b", "../", "x.lock/", ".", "@{", String(repeating: "x", count: 200),
        ] {
            #expect(!BranchName.isPrefix(prefix), "\(prefix)")
        }
    }

    @Test func `an address that git takes for an option, a program or two words is none`() {
        for address in [
            "-x", "--upload-pack=x", "ext::sh -c x", "ext::sh", "x::y", "::y", "fd::7", "a b",
            "a\tb", "/a\tb", "../a b", "https://a\u{A0}b", "a\u{202E}b",
        ] {
            #expect(!RepositoryAddress.isAddress(address), "\(address)")
        }
        for address in [
            "https://example.org/team/site.git", "http://[::1]:3000/site", "git@[::1]:site",
            "git@example.org:team/site.git", "/srv/git/site", "../site", "/srv/a::b",
            "/srv/my site",
        ] {
            #expect(RepositoryAddress.isAddress(address), "\(address)")
        }
    }

    @Test func `a path beneath a folder does not leave it, nor enter what git keeps`() {
        for path in [".env", "config/local", "a b/c", "..a/b", "a/.git", ".gitignore"] {
            #expect(RelativePath.isBeneath(path), "\(path)")
        }
        for path in [
            "", "/etc/passwd", "..", "../a", "a/../b", "a/..", "./a", "a//b", "a/", ".git",
            ".git/config", ".GIT/hooks", "a\nb",
        ] {
            #expect(!RelativePath.isBeneath(path), "\(path)")
        }
    }

    @Test func `a change of settings names some, sets back others and leaves the rest`() throws {
        let before = GitConfig(baseBranch: "main", setup: "make", copyIn: [".env"], push: true)
        let change = try Wire.decode(
            WorkspaceChange.self,
            from: Wire.parse(
                Array(#"{"gitConfig":{"setup":null,"push":false,"uncommitted":"wip"}}"#.utf8)))
        let git = try #require(change.gitConfig)
        #expect(
            git.applied(to: before)
                == GitConfig(
                    baseBranch: "main", copyIn: [".env"], uncommitted: .wip, push: false))
        let again = try Wire.decode(
            WorkspaceChange.self, from: Wire.parse(Wire.encode(change)))
        #expect(again == change)
        let none = try Wire.decode(
            WorkspaceChange.self, from: Wire.parse(Array(#"{"gitConfig":null}"#.utf8)))
        #expect(none.gitConfig?.applied(to: before) == .none)
        #expect(GitConfigChange().applied(to: before) == before)
    }
}
