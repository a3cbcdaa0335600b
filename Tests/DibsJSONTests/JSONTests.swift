import DibsJSON
import Testing

@Suite("JSON is read strictly and written in one way")
struct JSONTests {
    /// RFC 8259 by its edges, and what two databases would not read alike.
    @Test(arguments: [
        #"{"a":1,"a":2}"#, #""\u0000""#, #""\ud800""#, #""\udc00x""#,
        #""\ud83d\u0041""#, #""\ud83dx""#, #""\ud83d\ud83d""#, "01", "1.", ".5", "+1", "1e",
        "1e999", "nul", "[1,]", "{,}", "[1 2]", #"{"a" 1}"#, "\"\t\"", "", " ", "1 2", "'a'",
        "1e-9999", "1e-400", "0.1e99999", #""\u+041""#, #""\u004""#, "--1", "1e+", "1_0", "٣",
    ])
    func `what is no JSON, or not the same everywhere, is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSON.parse(text) }
    }

    @Test(arguments: [
        ("1e2", "100"), ("1.50", "1.5"), ("-0", "0"), ("-0.0", "0"), ("1E+3", "1000"),
        (#"{"b":1,"a":[true,null]}"#, #"{"a":[true,null],"b":1}"#), (#""\u0041\/""#, #""A/""#),
        (#""\ud83d\ude00""#, "\"😀\""), (" [ 1 , 2 ] ", "[1,2]"),
    ])
    func `equal values have equal text`(written: String, canonical: String) throws {
        #expect(try JSON.parse(written).canonicalText == canonical)
    }

    @Test func `a number keeps every digit`() throws {
        let text = "12345678901234567890.123456789"
        #expect(try JSON.parse(text).canonicalText == text)
    }

    @Test func `what was written is read again as the same value`() throws {
        let value: JSON = ["a": ["x", 1, true, nil, ["deep": ["ü\n\"\\", []]]], "b": [:]]
        #expect(try JSON.parse(value.canonicalText) == value)
    }

    @Test(arguments: [1, 32, 33, 63, 64])
    func `arrays and objects may be nested 64 deep`(depth: Int) throws {
        let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(try JSON.parse(arrays).canonicalText == arrays)
        let within =
            String(repeating: "[", count: depth) + "7"
            + String(repeating: "]", count: depth)
        #expect(try JSON.parse(within).canonicalText == within)
        let objects =
            String(repeating: #"{"a":"#, count: depth) + "7"
            + String(repeating: "}", count: depth)
        #expect(try JSON.parse(objects).canonicalText == objects)
    }

    @Test(arguments: [65, 66, 100_000])
    func `and no deeper, but an answer of ours has room around them`(depth: Int) throws {
        let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        #expect(throws: JSONError.self) { try JSON.parse(arrays) }
        let objects =
            String(repeating: #"{"a":"#, count: depth) + "7"
            + String(repeating: "}", count: depth)
        #expect(throws: JSONError.self) { try JSON.parse(objects) }
        guard depth < 80 else { return }
        #expect(try JSON.parse(arrays.utf8, within: .ours).canonicalText == arrays)
    }

    @Test func `an error says where`() throws {
        let error = #expect(throws: JSONError.self) { try JSON.parse(#"{"a":tru}"#) }
        #expect((5...8).contains(error?.offset ?? -1))
    }
}

@Suite("Reading JSON costs what its bytes are, and no more")
struct JSONCostTests {
    @Test func `a number has at most 400 digits, written out as well`() throws {
        let most = String(repeating: "7", count: 308) + "." + String(repeating: "7", count: 92)
        #expect(try JSON.parse(most).canonicalText == most)
        for text in [
            most + "7", "0." + String(repeating: "0", count: 399) + "1", "0.0000001e-320",
            "0." + String(repeating: "7", count: 100) + "e-310",
        ] {
            #expect(throws: JSONError.self) { try JSON.parse(text) }
        }
    }

    @Test(arguments: ["1e308", "-1.7976931348623157e308", "5e-324", "2.2250738585072014e-308"])
    func `every double is a number, and its text is read again`(written: String) throws {
        let number = try #require(JSONNumber(written))
        #expect(number.double == Double(written) && JSONNumber(number.text) == number)
        #expect(number.text.utf8.count == number.textLength)
        #expect(!number.text.contains("e"))
    }

    @Test func `a text that would grow far beyond its bytes is refused`() throws {
        let some = "[" + Array(repeating: "1e-300", count: 3000).joined(separator: ",") + "]"
        let value = try JSON.parse(some)
        #expect(value.canonicalLength == value.canonicalText.utf8.count)
        let many = "[" + Array(repeating: "1e-300", count: 4000).joined(separator: ",") + "]"
        #expect(throws: JSONError.self) { try JSON.parse(many) }
    }

    @Test func `values are counted`() throws {
        let most = JSONLimits.outside.values
        let fitting = "[" + Array(repeating: "1", count: most - 1).joined(separator: ",") + "]"
        #expect(throws: Never.self) { try JSON.parse(fitting) }
        let more = "[" + Array(repeating: "1", count: most).joined(separator: ",") + "]"
        #expect(throws: JSONError.self) { try JSON.parse(more) }
    }

    @Test func `the length of the text is known without writing it`() throws {
        let value: JSON = [
            "é\u{1}\n\"\\": ["x", 1, -120, true, false, nil, [], [:]],
            "b": .number(try #require(JSONNumber("-1.25e-7"))), "\u{1F}\u{7F}": "\t\u{8}",
        ]
        #expect(value.canonicalLength == value.canonicalText.utf8.count)
    }

    /// Swift would sort the marks to compare the text: 9 minutes for 2 MiB of them.
    @Test func `more than 30 combining marks in a row are refused, in names and texts`() throws {
        let most = "a" + String(repeating: "\u{301}", count: 30)
        #expect(try JSON.parse("{\"\(most)\":\"\(most)\"}")[most]?.string == most)
        for text in ["{\"\(most)\u{316}\":1}", "\"\(most)\u{316}\"", #""\#(most)\u0301""#] {
            #expect(throws: JSONError.self) { try JSON.parse(text) }
        }
    }

    /// Each of these took seconds or minutes when reading grew with the square; a test's patience
    /// is ten times what the slowest needs without optimisation.
    @Test(
        .timeLimit(.minutes(5)),
        arguments: [
            "{\"a\": 0." + String(repeating: "0", count: 2_000_000) + "1}",
            String(repeating: "1", count: 2_000_000), String(repeating: "[", count: 2_000_000),
            String(repeating: " ", count: 2_000_000),
            "{\"a" + String(repeating: "\u{301}\u{316}", count: 500_000) + "\":1}",
            "[" + Array(repeating: "1e-9999", count: 200_000).joined(separator: ",") + "]",
        ])
    func `two megabytes of the worst are refused at once`(text: String) {
        #expect(throws: JSONError.self) { try JSON.parse(text) }
    }
}
