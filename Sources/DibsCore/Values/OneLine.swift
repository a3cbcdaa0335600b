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

    /// A text as far as people tell it from another: its letters without their case, with one blank
    /// between words, and nothing that is not shown.
    package static func likeness(_ text: String) -> String {
        let shown = text.unicodeScalars.filter { !$0.properties.isDefaultIgnorableCodePoint }
        return String(String.UnicodeScalarView(shown)).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ").lowercased()
    }

    /// Whether a character ends a line, moves a terminal's cursor, or turns the writing around it.
    ///
    /// Those that turn it have Unicode's property Bidi_Control; 206A to 206F are an older kind.
    package static func breaks(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{61C}", "\u{200E}"..."\u{200F}",
            "\u{2028}"..."\u{202E}", "\u{2066}"..."\u{206F}":
            true
        default: false
        }
    }
}
