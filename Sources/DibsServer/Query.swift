package import DibsCore
internal import DibsJSON
internal import Foundation

/// The query of a request, every name known and standing once.
package struct Query: Sendable, Hashable {
    private let values: [String: String]

    /// Reads `a=b&c=d`; throws `unknown_field` for a name that is not allowed, `invalid_field` for
    /// one that stands twice or cannot be read.
    package init(_ text: String?, allowed: [String]) throws {
        var values: [String: String] = [:]
        for pair in (text ?? "").split(separator: "&") {
            let halves = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = try Self.plain(halves[0], of: "(query)")
            let value = try Self.plain(halves.count > 1 ? halves[1] : "", of: name)
            guard allowed.contains(name) else { throw Self.unknown(name, allowed: allowed) }
            guard values.updateValue(value, forKey: name) == nil else {
                throw Self.invalid(name, hint: "Say it once.")
            }
        }
        self.values = values
    }

    /// The value of a parameter as it came.
    package func text(_ name: String) -> String? { values[name] }

    /// An id; throws `invalid_id` when it is no UUID.
    package func id<Record>(_ name: String) throws -> Identifier<Record>? {
        guard let text = values[name] else { return nil }
        guard let id = Identifier<Record>(text) else { throw DibsError.badID(in: name) }
        return id
    }

    /// One word of a few; throws `invalid_field` for another.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String
    ) throws -> Choice? {
        guard let text = values[name] else { return nil }
        return try Self.choice(text, of: name)
    }

    /// Words with commas between them; throws `invalid_field` for one that is none of the few.
    package func choices<Choice: RawRepresentable<String> & CaseIterable & Hashable>(
        _ name: String
    ) throws -> Set<Choice> {
        Set(try (words(name) ?? []).map { try Self.choice($0, of: name) })
    }

    /// The words between the commas of a parameter, the empty ones too.
    package func words(_ name: String) -> [String]? {
        values[name]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    /// `true` or `false`; throws `invalid_field` for anything else.
    package func flag(_ name: String) throws -> Bool? {
        switch values[name] {
        case nil: return nil
        case "true": return true
        case "false": return false
        default: throw Self.invalid(name, hint: "Say true or false.")
        }
    }

    /// A whole number; throws `invalid_field` for anything else.
    package func number(_ name: String) throws -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text) else { throw Self.invalid(name, hint: "Say a whole number.") }
        return number
    }

    /// Which part of a list is wanted, from `limit` and `cursor`.
    package func page() throws -> PageRequest {
        guard let limit = try number("limit") else {
            return try PageRequest(cursor: values["cursor"])
        }
        return try PageRequest(limit: limit, cursor: values["cursor"])
    }

    private static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ text: String, of name: String
    ) throws -> Choice {
        guard let choice = Choice(rawValue: text) else {
            let words = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw invalid(name, hint: "Use one of: \(words).")
        }
        return choice
    }

    private static func plain(_ escaped: Substring, of name: String) throws -> String {
        let spaced = escaped.replacing("+", with: " ")
        guard let text = String(spaced).removingPercentEncoding, !text.utf8.contains(0),
            text.isStreamSafe
        else {
            throw invalid(name, hint: "Percent-encode it as UTF-8.")
        }
        return text
    }

    private static func unknown(_ name: String, allowed: [String]) -> DibsError {
        let known = allowed.joined(separator: ", ")
        return DibsError(
            .unknownField, "There is no such query parameter here.",
            details: ["field": name.excerpt],
            hint: allowed.isEmpty ? "This path takes none." : "These are known here: \(known).")
    }

    private static func invalid(_ name: String, hint: String) -> DibsError {
        DibsError(
            .invalidField, "A query parameter cannot be read.", details: ["field": name],
            hint: hint)
    }
}

extension DibsError {
    static func badID(in field: String) -> DibsError {
        DibsError(
            .invalidID, "That is no id.", details: ["field": field],
            hint: "An id is a UUID of 36 letters, such as Dibs gave out.")
    }
}
