import DibsJSON
import Foundation
import Testing

@Suite("Times are read by RFC 3339 and nothing else")
struct TimeTests {
    @Test(arguments: [
        ("2026-11-24T09:30:00Z", "2026-11-24T09:30:00.000Z"),
        ("2026-11-24t09:30:00.5z", "2026-11-24T09:30:00.500Z"),
        ("2026-11-24T09:30:00.1234Z", "2026-11-24T09:30:00.123Z"),
        ("2026-11-24T09:30:00.999999999Z", "2026-11-24T09:30:01.000Z"),
        ("2026-11-24T09:30:00+05:30", "2026-11-24T04:00:00.000Z"),
        ("2026-11-24T00:30:00-23:59", "2026-11-25T00:29:00.000Z"),
        ("2026-11-24T09:30:00-00:00", "2026-11-24T09:30:00.000Z"),
        ("2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"),
        ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
        ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"),
        ("2017-01-01T00:59:60+01:00", "2017-01-01T00:00:00.000Z"),
    ])
    func `a time is the moment that it says`(written: String, shown: String) {
        #expect(Date(rfc3339: written)?.rfc3339 == shown)
    }

    @Test(arguments: [
        "", "2026-11-24", "2026-11-24T09:30Z", "2026-11-24T09:30:00", "2026-11-24 09:30:00Z",
        "2026-11-24T09:30:00.Z", "2026-11-24T09:30:00,5Z", "2026-11-24T09:30:00+0100",
        "2026-11-24T09:30:00+24:00", "2026-11-24T09:30:00+01:60", "2026-11-24T09:30:00Z ",
        " 2026-11-24T09:30:00Z", "2027-02-30T00:00:00Z", "2027-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2027-04-31T00:00:00Z", "2027-01-32T00:00:00Z",
        "2027-13-01T00:00:00Z", "2027-00-01T00:00:00Z", "2027-01-00T00:00:00Z",
        "2027-01-01T25:61:00Z", "2027-01-01T24:00:00Z", "2027-01-01T00:60:00Z",
        "2027-01-01T00:00:61Z", "2027-01-01T12:00:60Z", "2027-01-02T00:00:60Z",
        "300000-01-01T00:00:00Z", "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z",
        "+2027-01-01T00:00:00Z", "-2027-01-01T00:00:00Z", "9999-12-31T23:59:59.9999Z",
        "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01", "２０27-01-01T00:00:00Z",
        "2027-01-01T00:00:00.000000000000000000000000Z",
    ])
    func `what is no time, or out of the years 1 to 9999, is refused`(text: String) {
        #expect(Date(rfc3339: text) == nil)
    }

    @Test func `every day is where the calendar of Foundation has it, and shown as it shows it`() {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        var milliseconds: Int64 = -8_520_336_000_000  // 1700
        while milliseconds < 253_402_300_799_999 {
            let date = Date(milliseconds: milliseconds)
            let shown = date.rfc3339
            guard shown == date.formatted(style), Date(rfc3339: shown) == date else {
                Issue.record("\(milliseconds) is shown as \(shown)")
                return
            }
            milliseconds += 86_400_000 * 97 + 12_345_000
        }
    }

    @Test func `a time that was computed past the range is its end`() {
        for time in [1e300, .infinity, 1e12] {
            let date = Date(timeIntervalSinceReferenceDate: time)
            #expect(date.milliseconds == Date.millisecondRange.upperBound)
            #expect(date.rfc3339 == "9999-12-31T23:59:59.999Z")
        }
        #expect(Date(timeIntervalSinceReferenceDate: -1e300).rfc3339 == "0001-01-01T00:00:00.000Z")
        #expect(Date(timeIntervalSinceReferenceDate: .nan).rfc3339 == "2001-01-01T00:00:00.000Z")
        #expect(Date.distantFuture.milliseconds < Date.millisecondRange.upperBound)
    }
}

@Suite("Arithmetic on outside numbers does not stop the program")
struct SaturatingTests {
    @Test func `past the range stands its end`() {
        #expect(Int.max.adding(saturating: 1) == .max && Int.min.adding(saturating: -1) == .min)
        #expect(Int.min.subtracting(saturating: 1) == .min)
        #expect(Int.max.subtracting(saturating: -1) == .max)
        #expect(Int.max.multiplied(saturating: 2) == .max)
        #expect(Int.max.multiplied(saturating: -2) == .min)
        #expect(Int.min.multiplied(saturating: -1) == .max)
        #expect(Int(saturating: 1e300) == .max && Int(saturating: -1e300) == .min)
        #expect(Int(saturating: .nan) == 0 && Int(saturating: -.infinity) == .min)
    }

    @Test func `within it nothing changes`() {
        #expect(2.adding(saturating: 3) == 5 && 2.subtracting(saturating: 3) == -1)
        #expect(2.multiplied(saturating: -3) == -6)
        #expect(Int(saturating: 2.9) == 2 && Int(saturating: -2.9) == -2)
    }
}
