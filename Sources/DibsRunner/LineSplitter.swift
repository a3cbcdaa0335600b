/// Cuts a stream of bytes into lines; what a line has past its limit is dropped.
struct LineSplitter {
    /// So many bytes of a line are kept: agents print whole documents on one.
    static let limit = 64 * 1024

    private var line: [UInt8] = []

    /// The lines that end in these bytes, without their ends.
    mutating func add(_ bytes: some Sequence<UInt8>) -> [String] {
        var lines: [String] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                lines.append(text)
                line.removeAll(keepingCapacity: true)
            } else if line.count < Self.limit {
                line.append(byte)
            }
        }
        return lines
    }

    /// The bytes after the last end of a line.
    var rest: String? { line.isEmpty ? nil : text }

    private var text: String {
        String(
            decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line[...], as: UTF8.self)
    }
}
