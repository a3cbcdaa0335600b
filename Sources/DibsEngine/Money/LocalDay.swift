internal import Foundation

/// A calendar day as a time zone has it; it may last 23 or 25 hours.
struct LocalDay: Sendable, Hashable {
    /// `2026-11-24`.
    let name: String
    /// The first instant of the day after, exclusive end of this one.
    let end: Date

    /// The day that a moment falls on.
    ///
    /// An unknown zone counts as UTC: it is checked on the way in.
    init(of moment: Date, in zoneName: String) {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zoneName) ?? .gmt
        let parts = calendar.dateComponents([.year, .month, .day], from: moment)
        let (year, month, day) = (parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
        name = String(format: "%04d-%02d-%02d", year, month, day)
        let start = calendar.startOfDay(for: moment)
        let next = calendar.date(byAdding: .day, value: 1, to: start)
        end = next.map { calendar.startOfDay(for: $0) } ?? moment
    }
}
