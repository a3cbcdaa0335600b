package import DibsCore
package import DibsData

extension EventPosition: TableRecord {
    /// The order in which readers see committed events.
    package static let table = Table<EventPosition>(
        "event_positions",
        Column("position", \.position, primaryKey: true),
        Column("event_id", \.eventID, unique: true),
        make: EventPosition.init)
}
