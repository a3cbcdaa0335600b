/// The output of an agent, as far as it is remembered.
actor AgentOutput {
    private var lines: [String] = []
    private var hasUnmarked = false

    func add(_ line: String) {
        lines.append(Self.cut(line, to: 500))
        if lines.count > 40 { lines.removeFirst() }
    }

    /// The last of it, for the agent's error.
    var tail: String {
        let text = lines.joined(separator: "\n")
        return String(String.UnicodeScalarView(text.unicodeScalars.suffix(2000)))
    }

    /// True the first time it is asked.
    func isFirstUnmarked() -> Bool {
        defer { hasUnmarked = true }
        return !hasUnmarked
    }

    /// The beginning of a text, by Unicode scalars, in which the server counts.
    static func cut(_ text: String, to limit: Int = 2000) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(limit)))
    }
}
