internal import DibsJSON

/// An error on the wire: problem details of RFC 9457, `application/problem+json`.
///
/// `type`, `title`, `status` and `detail` are the RFC's; `code`, `hint` and `details` are ours.
/// Of a limit, `limit`, `current` and `resetsAt` stand beside them.
package struct Problem: Sendable, Hashable {
    /// The error.
    package var error: DibsError
    /// The HTTP status it is sent with.
    package var status: Int

    /// The media type of a problem.
    package static let mediaType = "application/problem+json"

    private static let lifted = ["limit", "current", "resetsAt"]

    /// An error and its status.
    package init(_ error: DibsError, status: Int) { (self.error, self.status) = (error, status) }

    /// Reads a problem; nil for other JSON, or a code that this version does not know.
    package init?(_ bytes: some Sequence<UInt8>) {
        guard let json = try? JSON.parse(bytes, within: .ours), let code = json["code"]?.string,
            let known = ErrorCode(rawValue: code), let detail = json["detail"]?.string,
            case .number(let status)? = json["status"], let status = status.int
        else { return nil }
        var details: [String: String] = [:]
        if case .object(let members)? = json["details"] {
            details = members.compactMapValues(\.string)
        }
        error = DibsError(known, detail, details: details, hint: json["hint"]?.string)
        self.status = status
    }

    /// The problem as it is sent.
    package var bytes: [UInt8] {
        var members: [String: JSON] = [
            "type": .string("urn:dibs:error:\(error.code.rawValue)"),
            "title": .string(error.code.rawValue.replacing("_", with: " ")),
            "status": .number(JSONNumber(status)),
            "code": .string(error.code.rawValue),
            "detail": .string(error.message),
        ]
        if let hint = error.hint { members["hint"] = .string(hint) }
        if !error.details.isEmpty {
            members["details"] = .object(error.details.mapValues { .string($0) })
        }
        for name in Self.lifted {
            if let value = error.details[name] { members[name] = .string(value) }
        }
        return JSON.object(members).canonicalBytes
    }
}
