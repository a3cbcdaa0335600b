/// Values at the edges of every type, and what parsers were caught by before.
package enum Boundaries {
    /// Numbers as they are written.
    package static let numbers: [String] =
        [
            "0", "-0", "1", "-1", "0.1", "1.5", "1e0", "100", "101", "1000001",
            "9223372036854775807", "9223372036854775808", "-9223372036854775808",
            "-9223372036854775809", "18446744073709551615", "4294967296", "2147483648",
            "9007199254740992", "9007199254740993", "1e308", "1e309", "1e-308", "5e-324", "1e-325",
            "1e-9999", "1e9999", "1e99999999999999999999", "0e9999", "1e-9223372036854775808",
            "8999999999.999999999", "9000000000", "-8999999999.999999999", "0.000000001",
            "0.0000000001", "1E+2", "01", "+1", ".5", "1.", "1e", "1e+", "--1", "NaN", "Infinity",
            "0x10", "1_000", "٣", "1e100", "1e-99", "1e99",
        ]
        + [399, 400, 401, 5000].flatMap { count in
            let digits = String(repeating: "7", count: count)
            let zeros = String(repeating: "0", count: count)
            return [digits, "-" + digits, "0." + zeros + "1", "1" + zeros, digits + "e-200"]
        }

    /// Times as they are written, good and bad.
    package static let times = [
        "2026-11-24T09:30:00.000Z", "2026-11-24t09:30:00z", "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59", "0000-12-31T23:59:59Z", "9999-12-31T23:59:59.999Z",
        "9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59-00:01", "300000-01-01T00:00:00Z",
        "+10000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "2027-02-30T00:00:00Z",
        "2028-02-29T00:00:00Z", "2027-02-29T00:00:00Z", "2027-01-01T25:61:00Z",
        "2027-01-01T24:00:00Z", "2016-12-31T23:59:60Z", "2027-01-01T12:00:60Z",
        "2027-01-01T00:00:00", "2027-01-01", "2027-01-01T00:00:00.Z", "2027-01-01T00:00:00+24:00",
        "2027-01-01T00:00:00+0100", "2027-13-01T00:00:00Z", "2027-00-10T00:00:00Z",
        "２０２７-01-01T00:00:00Z",
    ]

    /// Ids as they are written, good and bad.
    package static let ids = [
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "0b9ab0ad-3f0d-4c2e-9c4c-0d5a4a4f6d1",
        "0b9ab0ad3f0d4c2e9c4c0d5a4a4f6d11", "{0b9ab0ad-3f0d-4c2e-9c4c-0d5a4a4f6d}",
        "0b9ab0ad-3f0d-4c2e-9c4c-0d5a4a4f６d", "me", "claim", "x",
    ]

    /// Texts, as they are: empty, blank, invisible, unprintable, long, heavy.
    package static let texts: [String] =
        [
            "", " ", "\t\n ", "\u{202E}gpj.exe", "\u{1B}[2J", "a\nb", "\u{2028}", "\u{FEFF}",
            "\u{7F}", "ı", "İ", "ﬃ", "e\u{301}", "😀", "👩‍👩‍👧‍👦", "' OR 1=1 --", "%00", "%",
            "a=b&c=d", "../../etc/passwd", "javascript:alert(1)", "null", "true", "Europe/Berlin",
            "::dibs progress  ", "::dibs cost 1e-9223372036854775808", "::dibs progress 40 x",
            "a\u{0}b",
        ] + [
            String(repeating: "x", count: 10_000), String(repeating: "İ", count: 64),
            "a" + String(repeating: "\u{301}\u{316}", count: 1000),
            "a" + String(repeating: "\u{301}", count: 30),
        ]

    /// JSON texts of every shape, good and bad.
    package static let json: [String] =
        [
            "null", "true", "[]", "{}", "[null]", #"{"a":1}"#, #"{"a":1,"a":2}"#, #"{"":0}"#,
            #""\u0000""#, #""\ud800""#, #""\udc00x""#, #""\ud83d\ude00""#, #""\u+041""#, "[1,]",
            #"{"x": 1e-300}"#, "\u{FEFF}1", "tru", #"["a","A","a"]"#, "[[[[", "{\"", "\"\\",
        ]
        + [63, 64, 65, 5000].map {
            String(repeating: "[", count: $0) + String(repeating: "]", count: $0)
        } + [
            "[" + Array(repeating: "1e-300", count: 1000).joined(separator: ",") + "]",
            "[" + Array(repeating: #""x""#, count: 5000).joined(separator: ",") + "]",
        ] + numbers

    /// What a field of a body is given: JSON texts, and strings of all the rest.
    package static let fields: [String] =
        json.filter { $0.utf8.count < 60_000 }
        + (Array(numbers.prefix(50)) + times + ids + texts).map(quoted)

    /// A text as a JSON string, escaped where it must be.
    package static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
                ? "\\u" + String(0x10000 + scalar.value, radix: 16).dropFirst() : String(scalar)
        }
        return "\"" + escaped.joined() + "\""
    }
}
