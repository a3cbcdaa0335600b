internal import ArgumentParser

/// docs/COMMANDS.md, made from the commands themselves.
enum CommandsPage {
    /// The whole page, in Markdown.
    static var text: String {
        let rows = CommandLeaf.all(of: Dibs.self).map { leaf in
            "| `dibs \(leaf.words.joined(separator: " "))` | \(leaf.type.configuration.abstract) |"
        }
        return """
            # Commands

            This page is made by `make docs` from the commands; a test fails when it is stale. What
            each of them takes is said by `dibs help` and its words: `dibs help task add`.

            | command | what it does |
            | --- | --- |
            \(rows.joined(separator: "\n"))
            """
    }
}

/// A command that has no others below it.
struct CommandLeaf: Sendable {
    /// The words typed after `dibs`.
    let words: [String]
    let type: any ParsableCommand.Type

    /// All of them below a command, in the order of its help.
    static func all(
        of command: any ParsableCommand.Type, after words: [String] = []
    ) -> [CommandLeaf] {
        let configuration = command.configuration
        let below = configuration.subcommands
        guard !below.isEmpty else { return [CommandLeaf(words: words, type: command)] }
        return below.flatMap { all(of: $0, after: words + [$0._commandName]) }
    }
}
