/// A day of the proleptic Gregorian calendar, which RFC 3339 counts in; from the year 1 on.
struct CivilDay: Sendable, Hashable {
    var year: Int
    /// 1…12.
    var month: Int
    /// 1…31.
    var day: Int

    /// A day by its parts; nil for one that is not in the calendar, as 30 February.
    init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month),
            (1...Self.length(of: month, in: year)).contains(day)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    private static func length(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

// Counted in years that begin in March, a leap day is the last of its year, and the lengths of the
// months before any month are (153 × months + 2) ÷ 5. 400 years are 146,097 days, and 1970-01-01
// is day 719,468 after 0000-03-01.
extension CivilDay {
    /// Days since 1970-01-01.
    var number: Int {
        let year = month > 2 ? year : year - 1
        let (era, yearOfEra) = year.quotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let leapDays = yearOfEra / 4 - yearOfEra / 100
        return era * 146_097 + yearOfEra * 365 + leapDays + dayOfYear - 719_468
    }

    /// The day so many days after 1970-01-01, at least −719,162, which is 0001-01-01.
    init(number: Int) {
        let (era, dayOfEra) = (number + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let leapDays = dayOfEra / 1460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let months = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * months + 2) / 5 + 1
        month = months < 10 ? months + 3 : months - 9
        year = era * 400 + yearOfEra + (months < 10 ? 0 : 1)
    }
}
