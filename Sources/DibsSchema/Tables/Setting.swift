package import DibsCore
package import DibsData

extension Setting: TableRecord {
    /// One row a value of this installation.
    package static let table = Table<Setting>(
        "settings",
        Column("name", \.name, primaryKey: true),
        Column("value", \.value),
        Column("created_at", \.createdAt, default: .now),
        make: Setting.init)
}
