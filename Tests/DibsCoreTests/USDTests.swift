import DibsCore
import Foundation
import Testing

@Suite("US dollars are exact")
struct USDTests {
    @Test func `a tenth and two tenths are three tenths`() throws {
        #expect(try ("0.1" as USD) + "0.2" == "0.3")
    }

    @Test func `a billionth is not lost beside a billion`() throws {
        #expect(try ("1000000000" as USD) + "0.000000001" == "1000000000.000000001")
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("+1", "1"), ("25", "25"), ("0.004200", "0.0042"),
        ("1e3", "1000"), ("1.5E-3", "0.0015"), ("0.0000000010000", "0.000000001"),
        ("8999999999.999999999", "8999999999.999999999"), ("-3.25", "-3.25"), (".5", "0.5"),
    ])
    func `digits are read as they are written`(text: String, shown: String) {
        #expect(USD(text)?.description == shown)
    }

    @Test(arguments: [
        "", "-", ".", "1.2.3", "0.0000000001", "9000000000", "1e100", "NaN", "1,5", " 1", "0x10",
        "1e", "٣", "1e-9223372036854775808", "1e9223372036854775807", "1e+", "1e-", "1e1.5",
        "1e--1", "1 ", "1e 1", "1e٣", "+-1", "-9000000000", "9e9", "1e-10", "\u{FEFF}1",
        String(repeating: "0", count: 101), "0." + String(repeating: "0", count: 1_000_000) + "1",
    ])
    func `anything else is refused`(text: String) {
        #expect(USD(text) == nil)
    }

    @Test func `a sum out of range is an error and no other number`() {
        let error = #expect(throws: DibsError.self) {
            try USD(nanos: USD.limit - 1) + USD(nanos: 1)
        }
        #expect(error?.code == .amountOutOfRange)
        // Past what an Int64 holds, where a sum that wraps would be in range again.
        let sum = #expect(throws: DibsError.self) {
            try USD(nanos: USD.limit - 1) + USD(nanos: USD.limit - 1)
        }
        let difference = #expect(throws: DibsError.self) {
            try USD(nanos: 1 - USD.limit) - USD(nanos: USD.limit - 1)
        }
        #expect(sum?.code == .amountOutOfRange)
        #expect(difference?.code == .amountOutOfRange)
    }

    @Test func `JSON carries it as a string, and a number is read from its digits`() throws {
        let read = try JSONDecoder().decode([USD].self, from: Data(#"["0.10", 0.3, 25]"#.utf8))
        #expect(read == ["0.1", "0.3", "25"])
        let written = try JSONEncoder().encode(["0.10" as USD])
        #expect(String(decoding: written, as: UTF8.self) == #"["0.1"]"#)
    }

    @Test func `any amount survives its own text`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<1000 {
            let amount = USD(nanos: .random(in: -(USD.limit - 1)...(USD.limit - 1), using: &random))
            #expect(USD(amount.description) == amount)
        }
    }
}
