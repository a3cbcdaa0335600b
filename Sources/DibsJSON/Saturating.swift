// Arithmetic for numbers that come from outside: bodies, queries, cursors, rows of a database,
// answers of a server. Swift's own operators stop the program where a result does not fit, which
// nobody outside may be able to ask for; these give the nearest number that fits.

extension FixedWidthInteger {
    /// The sum, or the end of the range that it passes.
    package func adding(saturating other: Self) -> Self {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other < 0 ? .min : .max) : sum
    }

    /// The difference, or the end of the range that it passes.
    package func subtracting(saturating other: Self) -> Self {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }

    /// The product, or the end of the range that it passes.
    package func multiplied(saturating other: Self) -> Self {
        let (product, overflow) = multipliedReportingOverflow(by: other)
        return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
    }

    /// The whole part of a float, or the end of the range that it passes; NaN is 0.
    package init(saturating value: Double) {
        if let whole = Self(exactly: value.rounded(.towardZero)) {
            self = whole
        } else {
            self = value.isNaN ? 0 : value < 0 ? .min : .max
        }
    }
}
