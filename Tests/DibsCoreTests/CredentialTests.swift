import DibsCore
import Foundation
import Testing

@Suite("Credentials")
struct CredentialTests {
    @Test func `a new key has 256 bits and is never the same`() {
        let keys = (0..<100).map { _ in Credential.newKey().secret }
        #expect(Set(keys).count == 100)
        for key in keys { #expect(key.hasPrefix("dibs_") && key.count == 5 + 43) }
    }

    @Test func `a credential in a log shows only its start`() {
        let key = Credential.newKey()
        #expect("\(key)" == key.secret.prefix(11) + "…")
    }

    @Test func `a worker's token is its own and the installation's`() {
        let worker = Identifier<Worker>(UUID())
        let (mine, other) = (ServerSecret.random(), ServerSecret.random())
        let token = mine.workerToken(for: worker)
        #expect(token.claimedWorker == worker)
        #expect(token.matches(mine.workerToken(for: worker)))
        #expect(!token.matches(other.workerToken(for: worker)))
        #expect(!token.matches(mine.workerToken(for: Identifier(UUID()))))
    }

    @Test func `an account's key names no worker`() {
        #expect(Credential.newKey().claimedWorker == nil)
        #expect(Credential("dibw_nonsense").claimedWorker == nil)
    }
}

@Suite("Identifiers")
struct IdentifierTests {
    @Test func `an id is written in lower case and read in either`() {
        let id = Identifier<AgentTask>("3FA85F64-5717-4562-B3FC-2C963F66AFA6")
        #expect(id?.description == "3fa85f64-5717-4562-b3fc-2c963f66afa6")
    }

    @Test(arguments: [
        "", "3fa85f64", "{3fa85f64-5717-4562-b3fc-2c963f66afa6}", "zz",
        "3fa85f6457174562b3fc2c963f66afa6", "3fa85f64-5717-4562-b3fc-2c963f66afa",
        "3fa85f64-5717-4562-b3fc-2c963f66afag", "3fa85f64-5717-4562-b3fc-2c963f66afa6 ",
        "3fa85f64-5717-4562-b3fc+2c963f66afa6", "3fa85f64-5717-4562-b3fc-2c963f66a６6",
        "3fa85f64-5717-4562-b3fc-2c963f66-fa6",
    ])
    func `anything that is no UUID is refused`(text: String) {
        #expect(Identifier<AgentTask>(text) == nil)
    }
}
