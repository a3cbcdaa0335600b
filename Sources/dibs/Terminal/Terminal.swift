internal import DibsCore
internal import Foundation
internal import SystemPackage

/// The output for people: answers to standard output, all else to standard error.
///
/// Nothing that came from outside steers the terminal: control characters and what turns the order
/// of letters are written out. Only JSON, which is for programs, goes out as it is.
enum Terminal {
    /// Whether colours help: a terminal, and nobody said NO_COLOR (no-color.org).
    static let hasColour =
        isatty(1) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    /// A style of ECMA-48.
    enum Style: String {
        case bold = "1"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case cyan = "36"
    }

    /// Untrusted text in a style, on one line.
    static func styled(_ text: String, _ style: Style) -> String {
        hasColour ? Paint.begin(style) + text + Paint.end : text
    }

    /// Writes lines of the answer, out at once, with what would steer the terminal written out.
    static func print(_ text: String = "") {
        StandardFiles.write(shown(text), to: .standardOutput)
    }

    /// Lines beside the answer.
    static func note(_ text: String) {
        StandardFiles.write(shown(text), to: .standardError)
    }

    /// Text as it goes to people: with its lines and the program's own colours, and nothing else
    /// that steers.
    static func shown(_ text: String) -> String {
        Paint.painted(text.escaped(keepingLines: true))
    }

    /// An error, what to do about it, and its code.
    static func say(_ error: DibsError) {
        note("error: " + "\(error)".asLine)
        if let hint = error.hint { note("hint: " + hint.asLine) }
        note("code: \(error.code.rawValue)")
    }

    /// A value for programs: canonical JSON.
    static func printJSON(_ value: some Encodable) throws {
        let text = String(decoding: try Wire.encode(value), as: UTF8.self)
        StandardFiles.write(text, to: .standardOutput)
    }
}

/// The marks by which styled text goes through the escaping of everything else: no text from
/// outside can hold them, for they are made anew in each process.
private enum Paint {
    private static let mark = "\u{E000}" + String(UInt64.random(in: .min ... .max), radix: 36)
    private static let close: Character = "\u{E001}"

    static let end = mark + "0" + String(close)

    static func begin(_ style: Terminal.Style) -> String { mark + style.rawValue + String(close) }

    /// The marks as the codes of ECMA-48.
    static func painted(_ text: String) -> String {
        guard Terminal.hasColour else { return text }
        let parts = text.components(separatedBy: mark)
        return parts.dropFirst().reduce(into: parts[0]) { painted, part in
            guard let end = part.firstIndex(of: close) else { return }
            painted += "\u{1B}[" + part[..<end] + "m" + part[part.index(after: end)...]
        }
    }
}
