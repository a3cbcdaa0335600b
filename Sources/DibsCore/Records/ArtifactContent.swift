/// An artifact itself, apart from what is known of it, so that no list brings it along.
package struct ArtifactContent: Sendable, Hashable {
    /// Which one it is.
    package var artifactID: Identifier<Artifact>
    /// The thing itself, at most 1 MiB of text.
    package var content: String

    /// Every property, in the order of its columns.
    package init(artifactID: Identifier<Artifact>, content: String) {
        self.artifactID = artifactID
        self.content = content
    }
}
