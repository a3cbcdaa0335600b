internal import DibsCore
internal import HTTPTypes

/// The credential in `Authorization: Bearer KEY`.
enum Bearer {
    /// Reads it; nil when there is none, more than one, or another scheme's.
    static func credential(in headers: HTTPFields) -> Credential? {
        let values = headers[values: .authorization]
        // Of other letters, comparing some costs the square of their number.
        guard values.count == 1, values[0].utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let words = values[0].split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { return nil }
        return Credential(String(words[1]))
    }

    static let missing = DibsError(
        .keyMissing, "The request came without a key.",
        hint: "Send the header `Authorization: Bearer KEY` with your account's key.")

    /// The error for an ended worker's token, as the service would.
    static let ended = DibsError(
        .keyUnknown, "That key opens nothing here.",
        hint: "Check DIBS_KEY; a worker's token ends with its worker.")
}
