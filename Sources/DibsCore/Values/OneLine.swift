/// Text that is meant as one line: in tables, logs and terminals it can be nothing else.
package enum OneLine {
    /// Whether a text has no control characters, no separators of lines or paragraphs and none that
    /// turn the direction of writing, and is not all blank; the empty text is such a line.
    package static func holds(_ text: String) -> Bool {
        var isBlank = true
        for scalar in text.unicodeScalars {
            guard !breaks(scalar) else { return false }
            let properties = scalar.properties
            if !properties.isWhitespace, !properties.isDefaultIgnorableCodePoint { isBlank = false }
        }
        return !isBlank || text.isEmpty
    }

    /// Whether a character ends a line, moves a terminal's cursor, or reverses what follows.
    package static func breaks(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{2028}"..."\u{2029}",
            "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}":
            true
        default: false
        }
    }
}
