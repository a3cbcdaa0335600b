/// An artifact and the thing itself; on the wire their fields stand side by side.
package struct ArtifactWithContent: Sendable, Hashable, Codable {
    /// The artifact's own row.
    package var artifact: Artifact
    /// The thing itself; nil when it is kept elsewhere, under `storageKey`.
    package var content: String?

    /// Both.
    package init(artifact: Artifact, content: String?) {
        (self.artifact, self.content) = (artifact, content)
    }

    /// The wire's names besides those of the artifact.
    package enum CodingKeys: String, CodingKey, CaseIterable { case content }

    package init(from decoder: any Decoder) throws {
        artifact = try Artifact(from: decoder)
        content = try decoder.container(keyedBy: CodingKeys.self)
            .decodeIfPresent(String.self, forKey: .content)
    }

    package func encode(to encoder: any Encoder) throws {
        try artifact.encode(to: encoder)
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encodeIfPresent(content, forKey: .content)
    }
}
