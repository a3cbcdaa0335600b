internal import DibsCore
internal import Foundation

/// A calendar day as a time zone has it; it may last 23 or 25 hours.
struct LocalDay: Sendable, Hashable {
    /// `2026-11-24`.
    let name: String
    /// The first instant of the day after, exclusive end of this one.
    let end: Date

    /// The day that a moment falls on.
    ///
    /// An unknown zone counts as UTC: it is checked on the way in. Where clocks skip midnight the
    /// day begins at its first instant after.
    init(of moment: Date, in zoneName: String) {
        let calendar = Self.calendar(zoneName)
        let start = calendar.startOfDay(for: moment)
        let next = calendar.date(byAdding: .day, value: 1, to: start)
        self.init(
            name: Self.name(of: moment, in: calendar),
            end: next.map { calendar.startOfDay(for: $0) } ?? moment)
    }

    private init(name: String, end: Date) { (self.name, self.end) = (name, end) }

    /// The name of the day so many days before a moment's.
    static func name(daysBefore count: Int, _ moment: Date, in zoneName: String) -> String {
        let calendar = calendar(zoneName)
        let earlier = calendar.date(byAdding: .day, value: -count, to: moment)
        return name(of: earlier ?? moment, in: calendar)
    }

    private static func calendar(_ zoneName: String) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zoneName) ?? .gmt
        return calendar
    }

    private static func name(of moment: Date, in calendar: Calendar) -> String {
        let parts = calendar.dateComponents([.year, .month, .day], from: moment)
        let (year, month, day) = (parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
        return String(format: "%04d-%02d-%02d", year, month, day)
    }

    /// The same day with another end, for the day in which an account changes its zone.
    fileprivate func ending(at end: Date) -> LocalDay { LocalDay(name: name, end: end) }
}

extension Account {
    /// The zone its day is in at a moment.
    func zone(at moment: Date) -> String {
        guard let nextTimeZone, let nextTimeZoneAt, nextTimeZoneAt <= moment else {
            return timeZone
        }
        return nextTimeZone
    }

    /// Its day at a moment.
    ///
    /// A new zone counts from the later of both zones' next midnights: until then the old zone
    /// names the day, and where the new one goes on with the same date, so does the day.
    func day(at moment: Date) -> LocalDay {
        let day = LocalDay(of: moment, in: zone(at: moment))
        guard let nextTimeZone, let change = nextTimeZoneAt, moment < change, change < day.end
        else { return day }
        let after = LocalDay(of: change, in: nextTimeZone)
        return day.ending(at: after.name == day.name ? after.end : change)
    }
}
