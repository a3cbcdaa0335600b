package import DibsCore
package import DibsData

extension Seat: Entity {
    /// One row a subscription; its counter is guarded in the claim.
    package static let table = Table<Seat>(
        "seats",
        Column("id", \.id, default: .random),
        Column("name", \.name, unique: true),
        Column("max_sessions", \.maxSessions, check: "max_sessions >= 1"),
        Column("active", \.active, default: .value(0), check: "active >= 0"),
        Column("created_at", \.createdAt, default: .now),
        make: Seat.init)
}
