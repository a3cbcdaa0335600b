internal import DibsJSON
package import Foundation

/// A question a worker waits on.
package struct WaitingFor: Sendable, Hashable, Codable {
    /// The kind of answer it wants; `question` unless the agent says otherwise.
    package var type: String
    /// The text of the question.
    package var prompt: String
    /// The answers offered, at most 20, each once and one line; empty leaves it open.
    package var options: [String]
    /// Whether an answer may be other than one of the options; unless said, when there are none.
    package var freeText: Bool

    /// A question with its options.
    package init(
        type: String = "question", prompt: String, options: [String] = [], freeText: Bool? = nil
    ) {
        (self.type, self.prompt, self.options) = (type, prompt, options)
        self.freeText = freeText ?? options.isEmpty
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case type, prompt, options, freeText
    }

    /// Reads one; in a request, a list of options without any is refused unless `freeText` says
    /// that it is meant.
    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        type = try box.decodeIfPresent(String.self, forKey: .type) ?? "question"
        prompt = try box.decode(String.self, forKey: .prompt)
        let offered = try box.decodeIfPresent([String].self, forKey: .options)
        options = offered ?? []
        let said = try box.decodeIfPresent(Bool.self, forKey: .freeText)
        freeText = said ?? options.isEmpty
        let isRequest = (decoder as? JSONValueDecoder)?.isStrict ?? false
        if isRequest, said == nil, offered?.isEmpty == true {
            throw DecodingError.dataCorruptedError(
                forKey: .options, in: box,
                debugDescription: "none is offered; leave it out, or say freeText")
        }
    }
}

/// A step that a worker has done.
package struct Milestone: Sendable, Hashable, Codable {
    /// The step that was done.
    package var title: String
    /// Moment at which the server was told; set by the server.
    package var at: Date?

    /// A step, and when it was told.
    package init(title: String, at: Date? = nil) { (self.title, self.at) = (title, at) }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable { case title, at }
}

/// SHA-256 of an API key: 32 bytes, or none in a record that came over the wire.
package struct KeyHash: Sendable, Hashable {
    /// The digest.
    package let bytes: [UInt8]

    /// A digest, or none.
    package init(bytes: [UInt8] = []) { self.bytes = bytes }
}

/// A secret that only the server can open.
package struct SealedBytes: Sendable, Hashable {
    /// Nonce, ciphertext and tag.
    package let bytes: [UInt8]

    /// Bytes that were sealed.
    package init(bytes: [UInt8]) { self.bytes = bytes }
}
