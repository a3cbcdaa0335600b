package import DibsCore
package import DibsData

extension ArtifactDay: TableRecord {
    /// One row an account: only its last day counts.
    package static let table = Table<ArtifactDay>(
        "artifact_days",
        Column("account_id", \.accountID, primaryKey: true, onDelete: "CASCADE"),
        Column("day", \.day, check: "length(day) = 10"),
        Column("bytes", \.bytes, check: "bytes >= 0"),
        make: ArtifactDay.init)
}
