package import DibsCore
package import DibsData

extension ArtifactContent: TableRecord {
    /// One row an artifact that is kept here.
    package static let table = Table<ArtifactContent>(
        "artifact_contents",
        Column("artifact_id", \.artifactID, primaryKey: true, onDelete: "CASCADE"),
        Column("content", \.content),
        make: ArtifactContent.init)
}
