package import Foundation

// Every time in Dibs is a whole millisecond of the years 0001 to 9999, from the door to the row:
// what RFC 3339 can write with four digits of a year. A time that was computed past an end is that
// end; one that comes in past it is refused.

extension Date {
    /// The times there are, in milliseconds since 1970, UTC: 0001-01-01T00:00:00.000Z to
    /// 9999-12-31T23:59:59.999Z.
    package static let millisecondRange: ClosedRange<Int64> =
        -62_135_596_800_000...253_402_300_799_999

    /// Milliseconds since 1970, UTC, rounded, in `millisecondRange`.
    package var milliseconds: Int64 {
        let sinceReference = Int64(saturating: (timeIntervalSinceReferenceDate * 1000).rounded())
        let since1970 = sinceReference.adding(saturating: Self.referenceMilliseconds)
        return min(
            max(since1970, Self.millisecondRange.lowerBound), Self.millisecondRange.upperBound)
    }

    /// The moment that many milliseconds after 1970, UTC.
    package init(milliseconds: Int64) {
        let sinceReference = milliseconds.subtracting(saturating: Self.referenceMilliseconds)
        self.init(timeIntervalSinceReferenceDate: Double(sinceReference) / 1000)
    }

    /// From 1970 to 2001, where Foundation's count begins.
    private static let referenceMilliseconds: Int64 = 978_307_200_000
}

extension Date {
    /// Reads a time by RFC 3339, section 5.6; nil for anything else.
    ///
    /// ```
    /// date-time = 4DIGIT "-" 2DIGIT "-" 2DIGIT "T" 2DIGIT ":" 2DIGIT ":" 2DIGIT [fraction] offset
    /// fraction  = "." 1*DIGIT
    /// offset    = "Z" / ("+" / "-") 2DIGIT ":" 2DIGIT
    /// ```
    ///
    /// `T` and `Z` may be small. The day must be in the calendar, the hour below 24, the minute
    /// and the second below 60, the offset below 24 hours, and the moment in `millisecondRange`;
    /// it is rounded to whole milliseconds. A leap second, `23:59:60` UTC at the end of a month, is
    /// the first second of the next day, as POSIX counts it. At most 40 characters.
    package init?(rfc3339 text: String) {
        guard text.utf8.count <= 40 else { return nil }
        var scanner = TimeScanner(rest: Array(text.utf8)[...])
        guard let milliseconds = scanner.scan(), Self.millisecondRange.contains(milliseconds) else {
            return nil
        }
        self.init(milliseconds: milliseconds)
    }

    /// `2026-11-24T09:30:00.000Z`: UTC, always three digits after the point.
    package var rfc3339: String {
        let (days, rest) = Self.dayAndRest(of: milliseconds)
        let day = CivilDay(number: days)
        let (seconds, fraction) = rest.quotientAndRemainder(dividingBy: 1000)
        return Self.padded(day.year, 4) + "-" + Self.padded(day.month, 2) + "-"
            + Self.padded(day.day, 2) + "T" + Self.padded(seconds / 3600, 2) + ":"
            + Self.padded(seconds / 60 % 60, 2) + ":" + Self.padded(seconds % 60, 2) + "."
            + Self.padded(fraction, 3) + "Z"
    }

    /// The same moment, rounded to whole milliseconds.
    package var wholeMilliseconds: Date { Date(milliseconds: milliseconds) }

    /// Whole days since 1970, and the milliseconds of the day, which are never negative.
    private static func dayAndRest(of milliseconds: Int64) -> (days: Int, rest: Int) {
        let (days, rest) = Int(milliseconds).quotientAndRemainder(dividingBy: 86_400_000)
        return rest < 0 ? (days - 1, rest + 86_400_000) : (days, rest)
    }

    private static func padded(_ number: Int, _ places: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, places - digits.utf8.count)) + digits
    }
}

/// The grammar above, from left to right.
private struct TimeScanner {
    var rest: ArraySlice<UInt8>

    /// Milliseconds since 1970, when all of `rest` is one time.
    mutating func scan() -> Int64? {
        guard let year = digits(4), take("-"), let month = digits(2), take("-"),
            let day = digits(2), let date = CivilDay(year: year, month: month, day: day),
            take("T") || take("t"),
            let hour = digits(2), hour < 24, take(":"), let minute = digits(2), minute < 60,
            take(":"), let second = digits(2), second <= 60,
            let fraction = fraction(), let offset = offset(), rest.isEmpty
        else { return nil }
        let total = date.number * 86_400 + hour * 3600 + minute * 60 + second - offset
        guard second < 60 || Self.isStartOfMonth(total) else { return nil }
        return Int64(total * 1000 + fraction)
    }

    private static func isStartOfMonth(_ seconds: Int) -> Bool {
        let (days, rest) = seconds.quotientAndRemainder(dividingBy: 86_400)
        return rest == 0 && CivilDay(number: days).day == 1
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: mark) else { return false }
        rest.removeFirst()
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        var number = 0
        for _ in 0..<count {
            guard let digit = rest.popFirst()?.decimalDigit else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// Milliseconds, rounded by the fourth digit; 0 without a fraction.
    private mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        let digits = rest.prefix { $0.decimalDigit != nil }.compactMap(\.decimalDigit)
        guard !digits.isEmpty else { return nil }
        rest = rest.dropFirst(digits.count)
        let four = (digits + [0, 0, 0]).prefix(4).reduce(0) { $0 * 10 + $1 }
        return (four + 5) / 10
    }

    /// Seconds that the clock is ahead of UTC.
    private mutating func offset() -> Int? {
        if take("Z") || take("z") { return 0 }
        let isBehind = rest.first == UInt8(ascii: "-")
        guard take("+") || take("-"), let hours = digits(2), hours < 24, take(":"),
            let minutes = digits(2), minutes < 60
        else { return nil }
        return (hours * 3600 + minutes * 60) * (isBehind ? -1 : 1)
    }
}
