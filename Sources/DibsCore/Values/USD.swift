internal import DibsJSON

/// US dollars: an exact decimal with nine digits after the point, |x| < 9·10⁹.
///
/// An amount is an Int64 count of 10⁻⁹ dollars, never a float, from the digits of the JSON that
/// came in to the digits of the JSON that goes out.
package struct USD: Sendable, Hashable, Comparable {
    /// The amount in 10⁻⁹ dollars.
    package let nanos: Int64

    /// The largest magnitude allowed, exclusive: 9·10⁹ dollars.
    package static let limit: Int64 = 9_000_000_000_000_000_000

    /// Nothing.
    package static let zero = USD(nanos: 0)

    /// An amount by its count of 10⁻⁹ dollars.
    package init(nanos: Int64) { self.nanos = nanos }

    package static func < (a: Self, b: Self) -> Bool { a.nanos < b.nanos }

    /// The sum; throws `amount_out_of_range` past the range.
    package static func + (a: Self, b: Self) throws -> Self {
        let (sum, overflow) = a.nanos.addingReportingOverflow(b.nanos)
        return try checked(sum, overflow)
    }

    /// The difference; throws `amount_out_of_range` past the range.
    package static func - (a: Self, b: Self) throws -> Self {
        let (difference, overflow) = a.nanos.subtractingReportingOverflow(b.nanos)
        return try checked(difference, overflow)
    }

    private static func checked(_ nanos: Int64, _ overflow: Bool) throws -> Self {
        guard !overflow, nanos.magnitude < limit.magnitude else {
            throw DibsError(
                .amountOutOfRange, "A sum leaves the range of ±9,000,000,000 dollars.",
                hint: "Correct or drop the amounts that are not right: dibs worker costs, "
                    + "dibs cost list.")
        }
        return Self(nanos: nanos)
    }
}

extension USD {
    /// Reads a JSON number's grammar (a leading `+` too); nil past nine places or out of range.
    ///
    /// Zeros after the ninth place lose nothing and are accepted, and so is an exponent.
    package init?(_ text: some StringProtocol) {
        guard let number = DecimalDigits(text) else { return nil }
        let (nanos, exact) = number.scaled(by: 9)
        guard exact, nanos.magnitude < Self.limit.magnitude else { return nil }
        self.nanos = nanos
    }

    /// Reads the same; what is past nine places is rounded up, as of a binary fraction that a
    /// program printed (`0.30000000000000004`).
    package init?(roundingUp text: some StringProtocol) {
        guard var number = DecimalDigits(text) else { return nil }
        let isCut = number.cut(toPlaces: 9)
        let (nanos, exact) = number.scaled(by: 9)
        let (up, overflow) = nanos.addingReportingOverflow(isCut && !number.isNegative ? 1 : 0)
        guard exact, !overflow, up.magnitude < Self.limit.magnitude else { return nil }
        self.nanos = up
    }
}

/// The digits of a written decimal: its value is `digits × 10^exponent`.
private struct DecimalDigits {
    var isNegative = false
    var digits: [Int64] = []
    var exponent = 0

    init?(_ text: some StringProtocol) {
        var rest = Substring(text).utf8[...]
        isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        var seenPoint = false
        scan: while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                guard digits.count < 100 else { return nil }
                digits.append(Int64(byte - UInt8(ascii: "0")))
                if seenPoint { exponent -= 1 }
            case UInt8(ascii: ".") where !seenPoint: seenPoint = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                guard let power = Self.power(rest) else { return nil }
                exponent += power
                break scan
            default: return nil
            }
        }
        guard !digits.isEmpty else { return nil }
        while digits.last == 0 { (_, exponent) = (digits.removeLast(), exponent + 1) }
    }

    /// A power of ten between −99 and 99, as it is written after `e`; nil for anything else.
    private static func power(_ written: Substring.UTF8View) -> Int? {
        let isDown = written.first == UInt8(ascii: "-")
        let digits = isDown || written.first == UInt8(ascii: "+") ? written.dropFirst() : written
        guard !digits.isEmpty else { return nil }
        var power = 0
        for byte in digits {
            guard let digit = byte.decimalDigit, power < 10 else { return nil }
            power = power * 10 + digit
        }
        return isDown ? -power : power
    }

    /// Takes away the digits past so many places; answers whether there were any.
    mutating func cut(toPlaces places: Int) -> Bool {
        let isLong = !digits.isEmpty && exponent < -places
        while !digits.isEmpty, exponent < -places {
            (_, exponent) = (digits.removeLast(), exponent + 1)
        }
        return isLong
    }

    /// The value in units of 10^-places, and whether that is all of it.
    func scaled(by places: Int) -> (Int64, exact: Bool) {
        guard !digits.isEmpty else { return (0, true) }
        guard exponent + places >= 0 else { return (0, false) }
        var total: Int64 = 0
        let zeros = [Int64](repeating: 0, count: exponent + places)
        for digit in digits + zeros {
            let (tenfold, overflow) = total.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tenfold.addingReportingOverflow(digit)
            guard !overflow, !carry else { return (0, false) }
            total = sum
        }
        return (isNegative ? -total : total, true)
    }
}

extension USD: CustomStringConvertible, ExpressibleByStringLiteral {
    /// The shortest digits that say it: `0.0042`, `25`.
    package var description: String {
        let (whole, part) = nanos.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
        var places = String(part)
        places = String(repeating: "0", count: 9 - places.count) + places
        while places.last == "0" { places.removeLast() }
        return (nanos < 0 ? "-" : "") + "\(whole)" + (places.isEmpty ? "" : "." + places)
    }

    /// An amount written in the source; a bad one stops the program.
    package init(stringLiteral value: String) {
        guard let amount = Self(value) else {
            preconditionFailure("\(value) is no amount with nine places below 9·10⁹")
        }
        self = amount
    }
}

extension USD: Codable {
    /// A string of digits, or a number, which is read from its digits.
    package init(from decoder: any Decoder) throws {
        let box = try decoder.singleValueContainer()
        let text = try (try? box.decode(String.self)) ?? box.decode(JSONNumber.self).text
        guard let amount = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: box, debugDescription: "not an amount with at most nine decimal places")
        }
        self = amount
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.singleValueContainer()
        try box.encode(description)
    }
}
