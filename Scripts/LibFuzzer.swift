import Foundation

/// Gives an input of libFuzzer, which sees the branches that it takes, to the parsers of DibsJSON.
///
/// `Scripts/fuzz` compiles it together with them. What does not hold stops the program, and
/// libFuzzer keeps the input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let text = String(decoding: bytes, as: UTF8.self)
    if let value = try? JSON.parse(bytes) {
        let canonical = value.canonicalBytes
        precondition(canonical.count == value.canonicalLength, "the length is another")
        precondition((try? JSON.parse(canonical)) == value, "the text is another value")
    }
    if let number = JSONNumber(text) {
        precondition(JSONNumber(number.text) == number, "the text is another number")
        precondition(number.double.isFinite, "no double can hold it")
    }
    if let date = Date(rfc3339: text) {
        precondition(Date(rfc3339: date.rfc3339) == date, "the text is another time")
    }
    if let uuid = UUID(digits: text) {
        precondition(uuid.uuidString.lowercased() == text.lowercased(), "the text is another id")
    }
    return 0
}
