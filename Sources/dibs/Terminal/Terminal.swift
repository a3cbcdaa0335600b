internal import DibsCore
internal import Foundation

/// What goes to people: answers to standard output, all else to standard error.
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

    static func styled(_ text: String, _ style: Style) -> String {
        hasColour ? "\u{1B}[\(style.rawValue)m\(text)\u{1B}[0m" : text
    }

    /// A line of the answer, out at once.
    static func print(_ line: String = "") {
        FileHandle.standardOutput.write(Data((line + "\n").utf8))
    }

    /// A line beside the answer.
    static func note(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

    /// An error, what to do about it, and its code.
    static func say(_ error: DibsError) {
        note("error: \(error)")
        if let hint = error.hint { note("hint: \(hint)") }
        note("code: \(error.code.rawValue)")
    }

    /// A value for programs: canonical JSON.
    static func printJSON(_ value: some Encodable) throws {
        print(String(decoding: try Wire.encode(value), as: UTF8.self))
    }
}
