import DibsCore
import Testing

@Suite("Capabilities are a few short words")
struct CapabilitiesTests {
    @Test func `they are folded, sorted, and each is there once`() throws {
        #expect(try Capabilities(["Xcode", "gpu", "GPU"]).names == ["gpu", "xcode"])
        #expect(try Capabilities((1...32).map { "c\($0)" }).names.count == 32)
        let long = String(repeating: "x", count: 64)
        #expect(try Capabilities([long]).names == [long])
    }

    @Test(arguments: [
        [""], ["  "], [String(repeating: "x", count: 65)], ["a\nb"], ["a\u{0}"], ["\u{1B}[2J"],
        ["\u{202E}upg"], ["\u{2028}"], [String(repeating: "İ", count: 64)],
        ["a" + String(repeating: "\u{301}", count: 31)],
        ["a" + String(repeating: "\u{301}", count: 1_000_000)],
        Array(repeating: "gpu", count: 33), Array(repeating: "gpu", count: 1_000_000),
    ])
    func `more, longer or unseen ones are refused`(words: [String]) {
        let error = #expect(throws: DibsError.self) { try Capabilities(words) }
        #expect(error?.code == .invalidField)
    }
}
