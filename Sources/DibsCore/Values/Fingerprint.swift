internal import Crypto
internal import Foundation

/// A digest by which two texts are told apart: SHA-256 in hexadecimal.
package enum Fingerprint {
    /// 64 letters that no other text has.
    package static func of(_ text: String) -> String {
        SHA256.hash(data: Data(text.utf8)).map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        .joined()
    }
}
