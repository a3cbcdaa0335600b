extension Unicode.Scalar {
    /// As people see it where it must not steer: `\n`, `\u{1b}`.
    fileprivate var escape: String {
        switch self {
        case "\n": #"\n"#
        case "\r": #"\r"#
        case "\t": #"\t"#
        default: "\\u{" + String(value, radix: 16) + "}"
        }
    }
}

extension StringProtocol {
    /// The text with what would steer a terminal written out; line ends and tabs stay if wanted.
    package func escaped(keepingLines: Bool) -> String {
        guard unicodeScalars.contains(where: OneLine.breaks) else { return String(self) }
        var text = ""
        for scalar in unicodeScalars {
            let stays = keepingLines && (scalar == "\n" || scalar == "\t")
            if stays || !OneLine.breaks(scalar) {
                text.unicodeScalars.append(scalar)
            } else {
                text += scalar.escape
            }
        }
        return text
    }

    /// One line of at most so many scalars: what steers becomes a space, its ends are trimmed.
    package func onOneLine(scalars limit: Int) -> String {
        var text = String.UnicodeScalarView()
        for scalar in unicodeScalars { text.append(OneLine.breaks(scalar) ? " " : scalar) }
        let isBlank: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
        let cut = text.drop(while: isBlank).prefix(limit)
        guard let last = cut.lastIndex(where: { !isBlank($0) }) else { return "" }
        return String(cut[...last])
    }

    /// The text without the codes of terminals (ECMA-48: colours, titles, cursor moves) and without
    /// what steers, line ends and tabs excepted.
    package var withoutTerminalCodes: String {
        var reader = TerminalCodes()
        return String(
            String.UnicodeScalarView(unicodeScalars.filter { reader.isText($0) }))
    }
}

/// Follows the codes of a terminal through a text, a scalar at a time.
private struct TerminalCodes {
    private enum Place { case text, escape, sequence, string, stringEscape }
    private var place = Place.text

    /// Whether a scalar is text and no part of a code.
    mutating func isText(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        switch place {
        case .text:
            switch value {
            case 0x1B: place = .escape
            case 0x9B: place = .sequence
            case 0x90, 0x98, 0x9D, 0x9E, 0x9F: place = .string
            default: return !OneLine.breaks(scalar) || scalar == "\n" || scalar == "\t"
            }
        case .escape:
            switch scalar {
            case "[": place = .sequence
            case "]", "P", "X", "^", "_": place = .string
            // Between ESC and the last byte stand bytes such as those of `ESC ( B`.
            case " "..."/": break
            default: return finish(with: scalar)
            }
        case .sequence:
            // A sequence ends in a letter; what cannot stand in it is text again.
            guard !(0x20...0x3F).contains(value) else { return false }
            return finish(with: scalar)
        case .string:
            if value == 0x07 || value == 0x9C { place = .text }
            if value == 0x1B { place = .stringEscape }
            if scalar == "\n" { return finish(with: scalar) }
        case .stringEscape: place = scalar == "\\" ? .text : .string
        }
        return false
    }

    /// Goes back to text at a scalar that ends a code or was none of it.
    private mutating func finish(with scalar: Unicode.Scalar) -> Bool {
        place = .text
        return scalar == "\n"
    }
}
