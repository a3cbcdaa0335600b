/// Paths beneath a repository's folder.
package enum RelativePath {
    /// Whether a path is in one line, stays beneath the folder it starts from, and is not in what
    /// git keeps there.
    package static func isBeneath(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return OneLine.holds(path) && parts.first?.lowercased() != ".git"
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
