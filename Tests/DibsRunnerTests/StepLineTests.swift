import DibsCore
import Testing

@testable import DibsRunner

@Suite("An agent reports by printing a line with its attempt's mark")
struct StepLineTests {
    private func read(_ line: String) -> StepLine.Reading {
        StepLine.read(line.withoutTerminalCodes, mark: "::dibs-3f9a1c02")
    }

    @Test func `progress, milestones and cost are read`() {
        let writing = read("::dibs-3f9a1c02 progress 40 Writing tests")
        #expect(writing == .step(.progress(40, action: "Writing tests")))
        #expect(read("::dibs-3f9a1c02 progress 7") == .step(.progress(7, action: nil)))
        #expect(
            read("::dibs-3f9a1c02 milestone The tests pass") == .step(.milestone("The tests pass")))
        #expect(read("::dibs-3f9a1c02 cost 0.0125") == .step(.cost("0.0125")))
    }

    @Test(arguments: [
        ("0.30000000000000004", "0.300000001"), ("1e-05", "0.00001"), ("1e-10", "0.000000001"),
        ("0.1234567890", "0.123456789"), ("2.9999999999999996", "3"),
    ])
    func `a cost is what a program prints of a number, rounded up`(
        printed: String, taken: String
    ) throws {
        let amount = try #require(USD(taken))
        #expect(read("::dibs-3f9a1c02 cost " + printed) == .step(.cost(amount)))
    }

    @Test func `colours and a carriage return hide no report`() {
        let line = "\u{1B}[32m::dibs-3f9a1c02 \u{1B}[1mcost 0.5\u{1B}[0m\r"
        #expect(read(line) == .step(.cost("0.5")))
        #expect(
            read("::dibs-3f9a1c02 progress 9 \u{1B}]0;title\u{7}Reading")
                == .step(.progress(9, action: "Reading")))
    }

    @Test(
        arguments: [
            "progress 40", "", " ", "building ::dibs-3f9a1c02 progress 3",
            "::dibs-00000000 cost 5", "::dibs-3f9a1c02x cost 5",
        ])
    func `a line without the mark at its start is output`(_ line: String) {
        #expect(read(line) == .output)
    }

    @Test(arguments: ["::dibs cost 8999999990", "::dibs", "::dibs progress 40 of a file"])
    func `a line as other programs print them reports nothing`(_ line: String) {
        #expect(read(line) == .unmarked)
    }

    @Test(
        arguments: [
            "", "progress", "progress 101", "progress -1", "progress much", "progress  ",
            "progress 9223372036854775808", "progress 40%", "cost free", "cost -1", "cost 0,01",
            "cost 1e-9223372036854775808", "cost 1e9223372036854775807", "cost 1e-9999",
            "cost 9000000000", "cost $0.01", "cost 0.01 USD", "cost 40%", "milestone  \t",
            "milestone \u{200B}\u{200B}",
            "dance now",
            "cost 0." + String(repeating: "0", count: 100_000) + "1",
        ])
    func `a marked line that cannot be taken says what is wrong`(_ words: String) {
        guard case .faulty(let reason) = read("::dibs-3f9a1c02 " + words) else {
            Issue.record("\(words.prefix(80)) was taken")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test func `what is said is one line that the server takes`() {
        let flags = String(repeating: "🇫🇷", count: 400)
        guard case .step(.milestone(let title)) = read("::dibs-3f9a1c02 milestone " + flags) else {
            Issue.record("the milestone is refused")
            return
        }
        #expect(title.unicodeScalars.count == 500)
        #expect(
            StepLine.read("::dibs-1 milestone a\u{202E}b\u{2028}c\u{85}d", mark: "::dibs-1")
                == .step(.milestone("a b c d")))
        #expect(
            read("::dibs-3f9a1c02 progress 1 \u{2066}\u{2069}")
                == .step(.progress(1, action: nil)))
    }
}
