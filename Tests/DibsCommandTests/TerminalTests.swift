import DibsCore
import Foundation
import Testing

@testable import dibs

@Suite("What people are shown")
struct TerminalTests {
    @Test func `a cell is one line, and steers nothing`() {
        var table = TextTable("title", "status")
        table.add("Fix\u{1B}[2J\nEVIL  completed", "\u{202E}pending")
        let text = table.text(orNone: "")
        #expect(text.components(separatedBy: "\n").count == 2)
        #expect(text.contains(#"Fix\u{1b}[2J\nEVIL"#) && text.contains(#"\u{202e}pending"#))
    }

    @Test func `wide letters and marks keep columns in line`() {
        var table = TextTable("a", "b")
        table.add("日本", "x")
        table.add("e\u{301}", "x")
        table.add("👩‍👩‍👧", "x")
        let lines = table.text(orNone: "").components(separatedBy: "\n")
        #expect(lines == ["A     B", "日本  x", "e\u{301}     x", "👩‍👩‍👧    x"])
    }

    @Test func `what goes to a terminal is written out, styles or not`() {
        let title = Terminal.styled("\u{1B}]0;x\u{7}\u{9B}31m", .red)
        let shown = Terminal.shown(title + "\n\u{2028}")
        let text = shown.replacing(/\u{1B}\[\d+m/, with: "")
        #expect(text == #"\u{1b}]0;x\u{7}\u{9b}31m"# + "\n" + #"\u{2028}"#)
        #expect("a\nb".indented(by: 2) == "a\n  b" && "a\r\nb".asLine == #"a\r\nb"#)
    }
}
