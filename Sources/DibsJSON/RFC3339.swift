package import Foundation

extension Date {
    /// Reads an RFC 3339 time with any offset; nil for anything else.
    ///
    /// It is cut to whole milliseconds, the precision of every time in Dibs.
    package init?(rfc3339 text: String) {
        let withFraction = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        let plain = Date.ISO8601FormatStyle()
        guard text.utf8.count <= 40,
            let date = (try? withFraction.parse(text)) ?? (try? plain.parse(text))
        else { return nil }
        self = date.wholeMilliseconds
    }

    /// `2026-11-24T09:30:00.000Z`: UTC, always three digits after the point.
    package var rfc3339: String {
        formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// The same moment, rounded to whole milliseconds.
    package var wholeMilliseconds: Date {
        let milliseconds = (timeIntervalSinceReferenceDate * 1000).rounded()
        return Date(timeIntervalSinceReferenceDate: milliseconds / 1000)
    }
}
