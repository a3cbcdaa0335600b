/// Names of branches, by git's own rules (`git check-ref-format --branch`).
///
/// A text that git would refuse at each attempt, or take for an option or for something else than a
/// name, is refused where it is said first.
package enum BranchName {
    /// The longest that a claim appends to a prefix: words of the title, the beginning of the
    /// task's id, and the number of the attempt.
    package static let longestTail = String(repeating: "w", count: 40) + "-01234567-1001"

    /// A file's name has at most 255 bytes, and git adds `.lock`.
    private static let longestPart = 250

    /// Whether git takes a text for a branch's name, and it fits into `Bounds.branch`.
    package static func isValid(_ name: String) -> Bool {
        guard Bounds.branch.contains(name.unicodeScalars.count), name != "HEAD", name != "@",
            !name.hasPrefix("-"), !name.hasSuffix("."), !name.contains(".."), !name.contains("@{"),
            !name.unicodeScalars.contains(where: isForbidden)
        else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            !part.isEmpty && !part.hasPrefix(".") && !part.hasSuffix(".lock")
                && part.utf8.count <= longestPart
        }
    }

    /// Whether a branch's name can begin with a text, whatever a claim appends; the empty one, too.
    package static func isPrefix(_ text: String) -> Bool { isValid(text + longestTail) }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "~", "^", ":", "?", "*", "[", "\\": true
        default: OneLine.breaks(scalar) || scalar.properties.isWhitespace
        }
    }
}
