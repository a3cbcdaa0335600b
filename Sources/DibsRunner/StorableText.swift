internal import Foundation

/// Text out of any bytes, as a server keeps it.
enum StorableText {
    /// The beginning of some bytes: what is no UTF-8 and each NUL is replaced, and it is cut behind
    /// a line so that it has at most `limit` bytes as JSON.
    static func of(_ bytes: Data, limit: Int) -> String {
        let text = String(decoding: bytes, as: UTF8.self).unicodeScalars
        var kept = String.UnicodeScalarView()
        var size = 0
        var lineEnd = kept.endIndex
        for scalar in text {
            let stored = scalar == "\0" ? "\u{FFFD}" : scalar
            size += encodedSize(stored)
            guard size <= limit else { return String(kept[..<lineEnd]) }
            kept.append(stored)
            if stored == "\n" { lineEnd = kept.endIndex }
        }
        return String(kept)
    }

    /// Bytes of a scalar within a JSON string (RFC 8259, section 7).
    private static func encodedSize(_ scalar: Unicode.Scalar) -> Int {
        switch scalar {
        case "\"", "\\", "\n", "\r", "\t": 2
        case "\0"..<" ": 6
        default: UTF8.width(scalar)
        }
    }
}
