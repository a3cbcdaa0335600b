internal import DibsCore
internal import DibsJSON
internal import Foundation

/// What a value must be before it is stored; every throw is `invalid_field` with the field's name.
enum Check {
    /// 1 to 200 characters.
    static func name(_ text: String, _ field: String) throws {
        try length(text, 1...200, field)
    }

    /// A number of characters, and no NUL, which PostgreSQL cannot hold.
    static func length(_ text: String, _ range: ClosedRange<Int>, _ field: String) throws {
        guard range.contains(text.unicodeScalars.count), !text.utf8.contains(0) else {
            throw invalid(
                field, "The text is too short, too long, or holds a NUL.",
                "Send \(range.lowerBound) to \(range.upperBound) characters.")
        }
    }

    /// A number in a range.
    static func range(_ value: Int, _ range: ClosedRange<Int>, _ field: String) throws {
        guard range.contains(value) else {
            throw invalid(
                field, "The number is out of its range.",
                "Send \(range.lowerBound) to \(range.upperBound).")
        }
    }

    /// At least 1, where it is given.
    static func atLeastOne(_ value: Int?, _ field: String) throws {
        guard let value else { return }
        try range(value, 1...1_000_000, field)
    }

    /// A limit of tokens, where it is given.
    static func tokens(_ value: Int?) throws {
        guard let value else { return }
        try range(value, 1...1_000_000_000_000, "maxTokens")
    }

    /// Not below zero, where it is given.
    static func notNegative(_ value: Int?, _ field: String) throws {
        guard let value else { return }
        try range(value, 0...1_000_000_000_000, field)
    }

    /// Not below zero, where it is given.
    static func notNegative(_ amount: USD?, _ field: String) throws {
        guard let amount, amount < .zero else { return }
        throw invalid(field, "An amount cannot be negative.", "Send 0 or more.")
    }

    /// A JSON object.
    static func object(_ json: JSON, _ field: String) throws {
        guard case .object = json else {
            throw invalid(field, "This must be a JSON object.", "Send {…}, or leave it out.")
        }
    }

    /// An IANA name this machine knows.
    static func timeZone(_ name: String) throws {
        guard TimeZone(identifier: name) != nil else {
            throw invalid(
                "timeZone", "There is no such time zone.", "Use an IANA name: Europe/Berlin.")
        }
    }

    private static func invalid(_ field: String, _ message: String, _ hint: String) -> DibsError {
        DibsError(.invalidField, message, details: ["field": field], hint: hint)
    }
}
