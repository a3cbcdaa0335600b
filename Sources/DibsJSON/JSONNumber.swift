/// A JSON number by its digits: no exponent, no needless zero, never through a float.
///
/// `1`, `1.0` and `1e0` are the same number and have the same text, on both engines alike.
package struct JSONNumber: Sendable, Hashable {
    /// The canonical digits: `-12.5`, `100`, `0`.
    package let text: String

    /// A whole number.
    package init(_ value: Int) { text = String(value) }

    /// A number that a double holds.
    ///
    /// - Returns: nil for NaN and the infinities, which JSON has no digits for.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.init("\(value)")
    }

    /// Reads JSON's grammar of a number; nil for anything else, and for one no double can hold.
    package init?(_ written: some StringProtocol) {
        guard let text = Self.canonical(Substring(written).utf8[...]) else { return nil }
        self.text = text
    }

    /// The value, when it is a whole number that fits.
    package var int: Int? { Int(text) }

    /// The nearest double.
    package var double: Double { Double(text) ?? 0 }

    private static func canonical(_ written: Substring.UTF8View) -> String? {
        var scanner = NumberScanner(rest: written)
        guard scanner.scan(), let value = Double(Substring(written)), value.isFinite else {
            return nil
        }
        return scanner.canonical
    }
}

extension JSONNumber: Comparable {
    /// By value, as doubles; ties of huge numbers are told apart by their digits.
    package static func < (a: Self, b: Self) -> Bool {
        if let left = a.int, let right = b.int { return left < right }
        return a.double == b.double ? a.text < b.text : a.double < b.double
    }
}

/// The grammar of RFC 8259 section 6, by hand.
private struct NumberScanner {
    var rest: Substring.UTF8View
    var isNegative = false
    /// Significant digits in order, and where the point stands among them.
    var digits: [UInt8] = []
    var point = 0

    /// Whether all of `rest` is one number.
    mutating func scan() -> Bool {
        if rest.first == UInt8(ascii: "-") { isNegative = rest.popFirst() != nil }
        let whole = takeDigits()
        guard !whole.isEmpty, whole.count == 1 || whole.first != UInt8(ascii: "0") else {
            return false
        }
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = takeDigits()
            guard !fraction.isEmpty else { return false }
        }
        guard let exponent = takeExponent(), rest.isEmpty else { return false }
        digits = whole + fraction
        point = whole.count + exponent
        return true
    }

    private mutating func takeDigits() -> [UInt8] {
        let taken = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        rest = rest.dropFirst(taken.count)
        return Array(taken)
    }

    private mutating func takeExponent() -> Int? {
        guard let mark = rest.first, mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E") else {
            return 0
        }
        rest.removeFirst()
        var isDown = false
        if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isDown = sign == UInt8(ascii: "-")
            rest.removeFirst()
        }
        // No double needs more than three digits of exponent; longer runs are refused here.
        let power = takeDigits()
        guard !power.isEmpty, power.count <= 4,
            let value = Int(String(decoding: power, as: UTF8.self))
        else { return nil }
        return isDown ? -value : value
    }

    /// Written out in full, without zeros that say nothing.
    var canonical: String {
        let zero = UInt8(ascii: "0")
        var digits = digits
        var point = point
        while digits.last == zero { digits.removeLast() }
        while digits.first == zero { (_, point) = (digits.removeFirst(), point - 1) }
        guard !digits.isEmpty else { return "0" }
        let sign = isNegative ? "-" : ""
        let written = String(decoding: digits, as: UTF8.self)
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + written }
        if point >= digits.count {
            return sign + written + String(repeating: "0", count: point - digits.count)
        }
        return sign + written.prefix(point) + "." + written.dropFirst(point)
    }
}
