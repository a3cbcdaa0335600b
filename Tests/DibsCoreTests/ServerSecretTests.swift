import DibsCore
import Testing

@Suite("A server's secret")
struct ServerSecretTests {
    private let secret = ServerSecret.random()

    @Test func `it is read back from the text of its file, and from nothing else`() {
        #expect(ServerSecret(secret.text)?.text == secret.text)
        #expect(ServerSecret(secret.text + "\n") == nil)
        #expect(ServerSecret(String(secret.text.dropLast())) == nil)
        #expect(ServerSecret("") == nil)
    }

    @Test func `two servers tell by the fingerprint whether they have the same`() {
        #expect(ServerSecret(secret.text)?.fingerprint == secret.fingerprint)
        #expect(ServerSecret.random().fingerprint != secret.fingerprint)
        #expect(!secret.fingerprint.contains(secret.text))
    }

    @Test func `what is sealed opens in its place, under its purpose and its secret alone`() throws
    {
        let sealed = try secret.seal("a token", .sourceConfig, at: "row 1")
        #expect(secret.open(sealed, .sourceConfig, at: "row 1") == "a token")
        #expect(secret.open(sealed, .sourceConfig, at: "row 2") == nil)
        #expect(secret.open(sealed, .repeatedKey, at: "row 1") == nil)
        #expect(ServerSecret.random().open(sealed, .sourceConfig, at: "row 1") == nil)
        let cut = SealedBytes(bytes: Array(sealed.bytes.dropLast()))
        #expect(secret.open(cut, .sourceConfig, at: "row 1") == nil)
        #expect(secret.open(SealedBytes(bytes: []), .sourceConfig, at: "row 1") == nil)
    }
}
