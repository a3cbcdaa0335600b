/// What a runner offers or a task needs: lower-case words, sorted, each once.
package struct Capabilities: Sendable, Hashable {
    /// The words in order.
    package let names: [String]

    /// At most this many, each of 1 to 64 characters.
    package static let limit = 32

    /// Nothing.
    package static let none = Capabilities(names: [])

    private init(names: [String]) { self.names = names }

    /// Sorts and folds case; throws `invalid_field` for an empty, long or 33rd word.
    package init(_ words: some Sequence<String>) throws {
        let names = Set(words.map { $0.lowercased() }).sorted()
        guard names.count <= Self.limit else {
            throw DibsError(
                .invalidField, "There are too many capabilities.",
                details: ["maximum": "\(Self.limit)"], hint: "Name at most 32.")
        }
        guard names.allSatisfy({ (1...64).contains($0.count) }) else {
            throw DibsError(
                .invalidField, "A capability has 1 to 64 characters.",
                hint: "Use short words such as gpu or xcode.")
        }
        self.names = names
    }
}

extension Capabilities: Codable {
    package init(from decoder: any Decoder) throws { try self.init([String](from: decoder)) }

    package func encode(to encoder: any Encoder) throws { try names.encode(to: encoder) }
}
