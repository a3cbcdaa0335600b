internal import Foundation
internal import HTTPTypes

/// The id that ties an answer, its log line and the caller's own logs together.
package enum RequestID {
    /// The header it comes and goes in.
    package static let header = "x-request-id"

    /// The caller's own if it is sane (1 to 128 letters, digits, `.`, `_` or `-`), else a new one.
    package static func taken(from text: String?) -> String {
        guard let text, (1...128).contains(text.utf8.count), text.utf8.allSatisfy(isSane) else {
            return UUID().uuidString.lowercased()
        }
        return text
    }

    private static func isSane(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

extension HTTPField.Name {
    static var requestID: HTTPField.Name {
        guard let name = HTTPField.Name(RequestID.header) else {
            preconditionFailure("the header's name has only letters and dashes")
        }
        return name
    }
}
