extension StringProtocol {
    /// The most combining marks that may follow each other (UAX #15, Stream-Safe Text Format).
    package static var maximumMarks: Int { 30 }

    /// Whether no more than `maximumMarks` combining marks follow each other.
    ///
    /// Swift compares and hashes texts in normal form, for which it sorts the marks of a letter: in
    /// time that grows with the square of their number, minutes for a megabyte of them. So text
    /// from outside is asked this before it is compared with anything.
    package var isStreamSafe: Bool {
        var marks = 0
        for scalar in unicodeScalars {
            // No mark comes before U+0300.
            let isMark =
                scalar.value >= 0x300 && scalar.properties.canonicalCombiningClass != .notReordered
            marks = isMark ? marks + 1 : 0
            if marks > Self.maximumMarks { return false }
        }
        return true
    }
}
