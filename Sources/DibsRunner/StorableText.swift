internal import DibsJSON
internal import Foundation

/// Text out of any bytes, as a server keeps it.
enum StorableText {
    /// The beginning of some bytes: what is no UTF-8 and each NUL is replaced, and it is cut behind
    /// a line so that it has at most `limit` bytes as JSON.
    static func of(_ bytes: Data, limit: Int) -> String {
        // 0xFF stands nowhere in UTF-8, and is replaced as that.
        let text = String(decoding: bytes.lazy.map { $0 == 0 ? 0xFF : $0 }, as: UTF8.self)
        var kept = String.UnicodeScalarView()
        var size = JSON.string("").canonicalLength
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: "\n").map { rest.index(after: $0) } ?? rest.endIndex
            let line = rest[..<end]
            size += JSON.string(String(line)).canonicalLength - JSON.string("").canonicalLength
            guard size <= limit else { break }
            kept.append(contentsOf: line)
            rest = rest[end...]
        }
        return String(kept)
    }
}
