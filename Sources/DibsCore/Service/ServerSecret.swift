internal import Crypto
internal import Foundation

/// The server's own secret, 256 random bits, of which everything that it signs or seals is made.
///
/// The secret is kept in a file beside the database and never in it, so that a copy of the database
/// alone opens nothing. All servers of one database have the same one; `fingerprint` tells whether
/// they do. Keys for each purpose are derived by HKDF-SHA256 (RFC 5869).
package struct ServerSecret: Sendable {
    /// Purposes whose keys have nothing in common.
    package enum Purpose: String, Sendable, CaseIterable {
        /// Proofs of workers' own tokens.
        case workerToken = "worker token"
        /// Keys of accounts that a repeated request shows again for a day.
        case repeatedKey = "repeated key"
        /// Settings of sources, which hold tokens of other systems.
        case sourceConfig = "source config"
        /// The fingerprint that the database keeps.
        case fingerprint
    }

    private let bytes: [UInt8]

    private init(bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the 43 letters of base64url that `text` writes; nil for anything else.
    package init?(_ text: String) {
        let plain = text.replacing("-", with: "+").replacing("_", with: "/")
        guard text.utf8.count == 43, let data = Data(base64Encoded: plain + "="), data.count == 32
        else { return nil }
        bytes = Array(data)
    }

    /// A new one.
    package static func random() -> ServerSecret {
        SymmetricKey(size: .bits256).withUnsafeBytes { ServerSecret(bytes: Array($0)) }
    }

    /// The secret as its file holds it; never logged.
    package var text: String { Data(bytes).base64URL }

    /// Whether two servers have the same secret, for the database to keep: it tells nothing of it.
    package var fingerprint: String {
        let proof = HMAC<SHA256>.authenticationCode(for: Data(), using: key(for: .fingerprint))
        return Data(proof).base64URL
    }

    private func key(for purpose: Purpose) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: SymmetricKey(data: bytes),
            info: Data("dibs \(purpose.rawValue)".utf8),
            outputByteCount: 32)
    }
}

extension ServerSecret {
    /// A worker's own token: `dibw_`, its id, and an HMAC-SHA256 of the id.
    ///
    /// The token is derived and not kept, so that a repeated claim can be answered with it again;
    /// it opens nothing once the worker has ended.
    package func workerToken(for id: Identifier<Worker>) -> Credential {
        let proof = HMAC<SHA256>.authenticationCode(
            for: Data(id.description.utf8), using: key(for: .workerToken))
        return Credential("dibw_\(id)_" + Data(proof).base64URL)
    }

    /// Seals a text with AES-256-GCM for one place, such as the id of its row: elsewhere it does
    /// not open.
    package func seal(
        _ text: String, _ purpose: Purpose, at place: String
    ) throws -> SealedBytes {
        let box = try AES.GCM.seal(
            Data(text.utf8), using: key(for: purpose), authenticating: Data(place.utf8))
        guard let combined = box.combined else {
            preconditionFailure("a nonce of twelve bytes can always be combined")
        }
        return SealedBytes(bytes: Array(combined))
    }

    /// The text that was sealed; nil when it was sealed under another secret, for another purpose
    /// or place, or was changed since.
    package func open(
        _ sealed: SealedBytes, _ purpose: Purpose, at place: String
    ) -> String? {
        guard let box = try? AES.GCM.SealedBox(combined: sealed.bytes),
            let data = try? AES.GCM.open(
                box, using: key(for: purpose), authenticating: Data(place.utf8))
        else { return nil }
        return String(validating: data, as: UTF8.self)
    }
}

extension ServerSecret: CustomStringConvertible {
    /// Nothing of the secret: a log must not hold it.
    package var description: String { "a server's secret" }
}
