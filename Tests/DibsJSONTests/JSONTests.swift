import DibsJSON
import Testing

@Suite("JSON is read strictly and written in one way")
struct JSONTests {
    /// RFC 8259 by its edges, and what two databases would not read alike.
    @Test(arguments: [
        #"{"a":1,"a":2}"#, #""\u0000""#, #""\ud800""#, #""\udc00x""#,
        #""\ud83d\u0041""#, #""\ud83dx""#, #""\ud83d\ud83d""#, "01", "1.", ".5", "+1", "1e",
        "1e999", "nul", "[1,]", "{,}", "[1 2]", #"{"a" 1}"#, "\"\t\"", "", " ", "1 2", "'a'",
        String(repeating: "[", count: 66) + String(repeating: "]", count: 66),
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

    @Test func `an error says where`() throws {
        let error = #expect(throws: JSONError.self) { try JSON.parse(#"{"a":tru}"#) }
        #expect((5...8).contains(error?.offset ?? -1))
    }
}
