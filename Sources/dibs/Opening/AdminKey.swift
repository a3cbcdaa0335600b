internal import DibsCore
internal import Foundation

/// The first admin's key where the operator chooses it: DIBS_ADMIN_KEY.
enum AdminKey {
    /// Reads it; nil for none, and `usage` for what anybody could guess.
    static func read(_ text: String?) throws -> Credential? {
        let word = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard !word.isEmpty else { return nil }
        let key = Credential(word)
        guard key.isWellFormed else {
            throw DibsError(
                .usage, "The admin key has not the form of a key: dibs_ and 43 letters.",
                hint: "Leave DIBS_ADMIN_KEY out for a new one, or make one: "
                    + #"echo "dibs_$(openssl rand -base64 32 | tr '+/' '-_' | tr -d '=')""#)
        }
        return key
    }
}
