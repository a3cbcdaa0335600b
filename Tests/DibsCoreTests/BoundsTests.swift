import DibsCore
import Testing

@Suite("What one line is, and what an address of a repository may say")
struct BoundsTests {
    @Test(arguments: ["Fix ☂️", "a", "", "naïve – “x”", "עברית", "a\u{200D}b"])
    func `a line is text that stays in its row`(text: String) {
        #expect(OneLine.holds(text))
    }

    @Test(
        arguments: [
            " ", "\u{A0}\u{3000}", "\u{200B}", "a\nb", "a\rb", "a\tb", "\u{1B}[2J", "a\u{0}",
            "a\u{7F}", "a\u{85}b", "a\u{9B}b", "a\u{2028}b", "a\u{2029}b", "\u{202E}gpj.exe",
            "\u{202A}a", "\u{2066}a\u{2069}",
        ])
    func `what breaks out of it, turns it round or leaves it blank is none`(text: String) {
        #expect(!OneLine.holds(text))
    }

    @Test(
        arguments: [
            "https://example.org/team/site.git", "https://example.org:8443/site",
            "http://[::1]:3000/site", "ssh://git@example.org/site", "git@example.org:team/site.git",
            "git@example.org:team/a@b.git", "https://example.org/@scope/site", "/srv/git/site",
            "file:///srv/git/site", "../site",
        ])
    func `an address without a password is taken as it is`(address: String) {
        #expect(RepositoryAddress.isPlain(address))
        #expect(RepositoryAddress.withoutSecrets(address) == address)
    }

    @Test(
        arguments: [
            ("https://ada:s3cret@example.org/site", "https://example.org/site"),
            ("https://s3cret@example.org/site", "https://example.org/site"),
            ("HTTPS://s3cret@example.org/site", "HTTPS://example.org/site"),
            ("https://ada:s3/cret@example.org/site", "https://example.org/site"),
            ("https://ada:s3@cret@example.org/site", "https://example.org/site"),
            ("https://example.org/site?token=s3cret", "https://example.org/site"),
            ("https://example.org/site#s3cret", "https://example.org/site"),
            ("ssh://ada:s3cret@example.org/site", "ssh://ada@example.org/site"),
            ("ada:s3cret@example.org:site", "ada@example.org:site"),
        ])
    func `a password or a token in an address is found, and left out`(
        address: String, plain: String
    ) {
        #expect(!RepositoryAddress.isPlain(address))
        #expect(RepositoryAddress.withoutSecrets(address) == plain)
    }

    @Test func `a key is well formed with 256 bits after its prefix`() {
        #expect(Credential.newKey().isWellFormed)
        let letters = String(repeating: "a", count: 43)
        let strange = "dibs_" + String(repeating: "é", count: 43)
        for secret in ["", "a", "changeme", "dibs_short", strange, "xibs_" + letters] {
            #expect(!Credential(secret).isWellFormed, "\(secret)")
        }
    }
}
