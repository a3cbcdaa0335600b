internal import DibsJSON

/// Capabilities that a runner offers or a task needs: lower-case words, sorted, each once.
package struct Capabilities: Sendable, Hashable {
    /// The words in order.
    package let names: [String]

    /// At most this many are said at once.
    package static let limit = 32

    /// The code points of a word; none of them is a control character, a line's end, or invisible.
    package static let lengths = 1...64

    /// Nothing.
    package static let none = Capabilities(names: [])

    private init(names: [String]) { self.names = names }

    /// Sorts and folds case; throws `invalid_field` for a 33rd word, and for one that is empty,
    /// blank, long, or not to be seen.
    package init(_ words: some Sequence<String>) throws {
        var names: Set<String> = []
        for (index, word) in words.enumerated() {
            guard index < Self.limit else {
                throw DibsError(
                    .invalidField, "There are too many capabilities.",
                    details: ["maximum": "\(Self.limit)"], hint: "Name at most 32.")
            }
            guard Self.isWord(word), case let name = word.lowercased(), Self.isWord(name) else {
                throw DibsError(
                    .invalidField, "A capability has 1 to 64 characters that can be seen.",
                    hint: "Use short words such as gpu or xcode.")
            }
            names.insert(name)
        }
        self.names = names.sorted()
    }

    private static func isWord(_ text: String) -> Bool {
        let start = text.unicodeScalars.prefix(lengths.upperBound + 1)
        return lengths.contains(start.count) && start.allSatisfy(isVisible)
            && !start.allSatisfy(\.properties.isWhitespace) && text.isStreamSafe
    }

    private static func isVisible(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}

extension Capabilities: Codable {
    package init(from decoder: any Decoder) throws { try self.init([String](from: decoder)) }

    package func encode(to encoder: any Encoder) throws { try names.encode(to: encoder) }
}
