/// The gapless place of a committed event in the stream its readers follow.
package struct EventPosition: Sendable, Hashable, Codable {
    /// 1, 2, 3 … without gaps.
    package var position: Int
    /// The event at that place.
    package var eventID: Int

    /// Every property, in the order of its columns.
    package init(
        position: Int, eventID: Int
    ) {
        self.position = position
        self.eventID = eventID
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case position
        case eventID = "eventId"
    }
}
