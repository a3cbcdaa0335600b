import DibsCore
import Testing

@Suite("Text from outside steers no terminal")
struct PlainTextTests {
    @Test(
        arguments: [
            ("\u{1B}[31mred\u{1B}[0m", "red"), ("\u{9B}1mbold", "bold"),
            ("\u{1B}]0;owned\u{7}after", "after"), ("\u{1B}]52;c;ZXZpbA==\u{1B}\\after", "after"),
            ("\u{1B}P1$r\u{1B}\\x", "x"), ("\u{1B}(Bx", "x"), ("\u{1B}cx", "x"),
            ("a\r\u{8}b", "ab"), ("a\tb\nc", "a\tb\nc"), ("\u{202E}txet", "txet"),
            ("\u{1B}", ""), ("\u{1B}[", ""), ("\u{1B}]never ends\nnext", "\nnext"),
            ("naïve 👩‍👩‍👧 日本", "naïve 👩‍👩‍👧 日本"),
        ])
    func `codes of terminals are taken out of what agents print`(_ text: String, _ left: String) {
        #expect(text.withoutTerminalCodes == left)
    }

    @Test func `no character that turns the direction of writing stands in a line`() {
        let scalars = (0...0x10FFFF as ClosedRange<UInt32>).compactMap(Unicode.Scalar.init)
        let turning = scalars.filter(\.properties.isBidiControl)
        #expect(turning.count >= 12 && turning.allSatisfy(OneLine.breaks))
        for scalar in turning { #expect(!OneLine.holds("a\(scalar)b"), "\(scalar.value)") }
        #expect(OneLine.holds("naïve 👩‍👩‍👧 日本 שלום"))
    }

    @Test func `written out, they can be seen`() {
        let text = "a\u{1B}[2J\u{202E}b\nc\td\u{2028}\u{7F}"
        #expect(
            text.escaped(keepingLines: false) == #"a\u{1b}[2J\u{202e}b\nc\td\u{2028}\u{7f}"#)
        #expect(
            text.escaped(keepingLines: true) == #"a\u{1b}[2J\u{202e}b"# + "\nc\td"
                + #"\u{2028}\u{7f}"#)
    }
}
