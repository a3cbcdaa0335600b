/// The one error of Dibs: a stable code, a constant sentence, the variables, and what to do.
package struct DibsError: Error, Sendable, Hashable {
    /// The code for programs.
    package var code: ErrorCode
    /// The message for people; the same for every error of its place.
    package var message: String
    /// The variables of this one: ids, names, limits.
    package var details: [String: String]
    /// The remedy.
    package var hint: String?

    /// An error to throw.
    package init(
        _ code: ErrorCode, _ message: String, details: [String: String] = [:], hint: String? = nil
    ) {
        (self.code, self.message, self.details, self.hint) = (code, message, details, hint)
    }

    /// Nothing of that kind has that id, or the caller may not see it: one answer for both.
    package static func notFound(_ kind: String, _ id: some CustomStringConvertible) -> Self {
        DibsError(
            .notFound, "There is no such \(kind), or you may not see it.",
            details: ["id": "\(id)"], hint: "Check the id, and that your key is the right one.")
    }

    /// The caller is known and may not do this.
    package static func forbidden(_ what: String, hint: String) -> Self {
        DibsError(.forbidden, what, hint: hint)
    }
}

extension DibsError: CustomStringConvertible {
    /// One line for a terminal or a log.
    package var description: String {
        let facts = details.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return message + (facts.isEmpty ? "" : " (" + facts.joined(separator: ", ") + ")")
    }
}
