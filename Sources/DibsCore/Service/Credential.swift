internal import Crypto
internal import Foundation

/// The proof of a caller: an account's key or a worker's token, as it came in.
package struct Credential: Sendable, Hashable {
    /// The text; never logged.
    package let secret: String
    /// The name under which this request counts once, when it says one; 1 to 255 characters.
    package private(set) var idempotencyKey: String?

    /// A secret that came with a request.
    package init(_ secret: String) { self.secret = secret }

    /// The same caller, for a request that counts once however often it comes with this key.
    package func once(_ key: String) -> Credential {
        var copy = self
        copy.idempotencyKey = key
        return copy
    }

    /// SHA-256 of the text, under which an account's key is kept.
    package var hash: KeyHash { KeyHash(bytes: Array(SHA256.hash(data: Data(secret.utf8)))) }

    /// The start of a key that is shown to tell keys apart.
    package var prefix: String { String(secret.prefix(11)) }

    /// A new account key: `dibs_` and 256 random bits in base64url.
    package static func newKey() -> Credential {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<4).flatMap { _ in
            withUnsafeBytes(of: random.next() as UInt64) { Array($0) }
        }
        return Credential("dibs_" + Data(bytes).base64URL)
    }

    /// Whether it has the form of an account's key: `dibs_` and 43 letters of base64url, which hold
    /// 256 bits.
    package var isWellFormed: Bool {
        guard secret.hasPrefix("dibs_"), secret.utf8.count == 48 else { return false }
        return secret.utf8.dropFirst(5).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }
}

extension Credential: CustomStringConvertible {
    /// Only the prefix: a credential in a log must open nothing.
    package var description: String { prefix + "…" }
}

extension Credential {
    /// The worker whose token this says it is; the proof is not looked at.
    package var claimedWorker: Identifier<Worker>? {
        guard secret.hasPrefix("dibw_") else { return nil }
        return Identifier(secret.dropFirst(5).prefix(36))
    }

    /// Whether two secrets are the same, in a time that does not tell where they differ.
    package func matches(_ other: Credential) -> Bool {
        let key = SymmetricKey(size: .bits256)
        let mine = HMAC<SHA256>.authenticationCode(for: Data(secret.utf8), using: key)
        return HMAC<SHA256>.isValidAuthenticationCode(
            mine, authenticating: Data(other.secret.utf8), using: key)
    }
}

extension Data {
    /// RFC 4648 section 5, without padding.
    var base64URL: String {
        base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
