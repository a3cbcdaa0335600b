extension StringProtocol {
    /// The first 200 code points: so much of a text from outside is repeated in an error.
    package var excerpt: String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(200)))
    }
}
