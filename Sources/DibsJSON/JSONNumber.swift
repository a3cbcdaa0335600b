/// A JSON number by its digits, never through a float.
///
/// `1`, `1.0` and `1e0` are the same number and have the same text, on both engines alike. It is
/// kept as it can be written shortest, so that `1e-300` does not take 300 places of memory.
package struct JSONNumber: Sendable, Hashable {
    /// The digits without zeros at either end, after a `-` when it is below zero; `0` for zero.
    private let significand: String
    /// The power of ten of the last digit.
    private let exponent: Int16

    /// The most digits a number has, as it is written and written out without an exponent.
    package static let maximumDigits = 400

    /// A whole number.
    package init(_ value: Int) {
        var (rest, zeros) = (value, 0 as Int16)
        while rest != 0, rest % 10 == 0 { (rest, zeros) = (rest / 10, zeros + 1) }
        self.init(significand: String(rest), exponent: zeros)
    }

    private init(significand: String, exponent: Int16) {
        (self.significand, self.exponent) = (significand, exponent)
    }

    /// A number that a double holds.
    ///
    /// - Returns: nil for NaN and the infinities, which JSON has no digits for.
    package init?(_ value: Double) {
        guard value.isFinite else { return nil }
        self.init("\(value)")
    }

    /// Reads JSON's grammar of a number; nil for anything else, for more than `maximumDigits`, and
    /// for what a double cannot tell from infinity, or from zero when it is not.
    package init?(_ written: some StringProtocol) { self.init(ascii: written.utf8) }

    init?(ascii written: some Collection<UInt8>) {
        if let value = Self.smallInteger(written) {
            self.init(value)
            return
        }
        var scanner = NumberScanner(written)
        guard scanner.scan() else { return nil }
        self.init(significand: scanner.significand, exponent: Int16(scanner.exponent))
        guard plainDigits <= Self.maximumDigits, isTold else { return nil }
    }

    /// Most numbers are whole and short, and need no scanner.
    private static func smallInteger(_ written: some Collection<UInt8>) -> Int? {
        guard (1...9).contains(written.count), written.count == 1 || written.first != 0x30 else {
            return nil
        }
        var value = 0
        for byte in written {
            guard let digit = byte.decimalDigit else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// Whether a double is near it: not infinite, and not zero when this is not.
    private var isTold: Bool {
        // The value is below 10 to this power, and a tenth of that at least.
        let power = digitCount + Int(exponent)
        if (-300...300).contains(power) || significand == "0" { return true }
        return double.isFinite && double != 0
    }

    private var isNegative: Bool { significand.utf8.first == UInt8(ascii: "-") }

    private var digitCount: Int { significand.utf8.count - (isNegative ? 1 : 0) }

    /// The digits of the text, on both sides of the point.
    private var plainDigits: Int {
        exponent >= 0 ? digitCount + Int(exponent) : max(digitCount, 1 - Int(exponent))
    }
}

extension JSONNumber {
    /// The canonical digits, without an exponent or needless zeros: `-12.5`, `100`, `0`.
    package var text: String {
        guard exponent != 0 else { return significand }
        guard exponent < 0 else {
            return significand + String(repeating: "0", count: Int(exponent))
        }
        let sign = isNegative ? "-" : ""
        let digits = significand.utf8.dropFirst(isNegative ? 1 : 0)
        let point = digitCount + Int(exponent)
        guard point > 0 else {
            return sign + "0." + String(repeating: "0", count: -point) + "\(Substring(digits))"
        }
        return sign + "\(Substring(digits.prefix(point))).\(Substring(digits.dropFirst(point)))"
    }

    /// The bytes of `text`, known without writing it.
    package var textLength: Int {
        plainDigits + (isNegative ? 1 : 0) + (exponent < 0 ? 1 : 0)
    }

    /// The value, when it is a whole number that fits.
    package var int: Int? { exponent < 0 ? nil : Int(text) }

    /// The nearest double.
    package var double: Double { Double("\(significand)e\(exponent)") ?? 0 }
}

extension JSONNumber: Comparable {
    /// By value, as doubles; ties of huge numbers are told apart by their digits.
    package static func < (a: Self, b: Self) -> Bool {
        if let left = a.int, let right = b.int { return left < right }
        return a.double == b.double ? a.text < b.text : a.double < b.double
    }
}

/// The grammar of RFC 8259 section 6, by hand; it stops at the first digit too many.
private struct NumberScanner<Bytes: IteratorProtocol<UInt8>> {
    private var bytes: Bytes
    private var next: UInt8?
    private var isNegative = false
    /// Digits as written, needless zeros too.
    private var written = 0
    /// From the first that is not zero.
    private var digits: [UInt8] = []
    private(set) var exponent = 0

    init<Written: Sequence>(_ written: Written) where Written.Iterator == Bytes {
        bytes = written.makeIterator()
        next = bytes.next()
    }

    /// Whether all of the bytes are one number.
    mutating func scan() -> Bool {
        isNegative = take("-")
        let startsWithZero = next == UInt8(ascii: "0")
        guard let whole = takeDigits(), whole == 1 || !startsWithZero else { return false }
        var fraction = 0
        if take(".") {
            guard let taken = takeDigits() else { return false }
            fraction = taken
        }
        guard let power = takeExponent(), next == nil else { return false }
        exponent = power - fraction
        while digits.last == UInt8(ascii: "0") {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { exponent = 0 }
        return true
    }

    /// The digits without zeros at either end, with the sign; zero has none.
    var significand: String {
        guard !digits.isEmpty else { return "0" }
        return (isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self)
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: mark) else { return false }
        next = bytes.next()
        return true
    }

    /// Takes digits and answers their number; nil for none, or too many.
    private mutating func takeDigits() -> Int? {
        let before = written
        while let byte = next, byte.decimalDigit != nil {
            written += 1
            guard written <= JSONNumber.maximumDigits else { return nil }
            if !digits.isEmpty || byte != UInt8(ascii: "0") { digits.append(byte) }
            next = bytes.next()
        }
        return written > before ? written - before : nil
    }

    /// The power of ten that is written, 0 for none; nil for more than four digits, which no double
    /// needs.
    private mutating func takeExponent() -> Int? {
        guard take("e") || take("E") else { return 0 }
        let isDown = next == UInt8(ascii: "-")
        if !take("-") { _ = take("+") }
        var (power, count) = (0, 0)
        while let digit = next?.decimalDigit {
            (power, count) = (power * 10 + digit, count + 1)
            guard count <= 4 else { return nil }
            next = bytes.next()
        }
        guard count > 0 else { return nil }
        return isDown ? -power : power
    }
}
