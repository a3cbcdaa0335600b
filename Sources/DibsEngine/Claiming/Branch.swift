internal import DibsCore

/// The name of the branch an attempt commits to.
enum Branch {
    /// `dibs/fix-the-login-3fa9c1d2-1`: what it is about, which task, and which attempt; an
    /// attempt never gets the branch of another.
    static func name(of task: AgentTask, in workspace: Workspace) -> String {
        let prefix = workspace.gitConfig?.branchPrefix ?? "dibs/"
        let words = slug(task.title)
        let middle = words.isEmpty ? "" : words + "-"
        return prefix + middle + task.id.description.prefix(8) + "-\(task.ends + 1)"
    }

    /// Letters and digits of a title, other runs as one dash, at most 40 characters.
    static func slug(_ title: String) -> String {
        var slug = ""
        for byte in title.lowercased().utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                slug.unicodeScalars.append(Unicode.Scalar(byte))
            default: if !slug.isEmpty, slug.last != "-" { slug.append("-") }
            }
            if slug.count == 40 { break }
        }
        while slug.last == "-" { slug.removeLast() }
        return slug
    }
}
