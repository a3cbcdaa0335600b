internal import ArgumentParser
internal import DibsCore

/// The command `dibs docs`.
struct Docs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the pages that are made from the code.",
        subcommands: [DocsStates.self, DocsLimits.self, DocsCommands.self])
}

/// The command `dibs docs states`.
struct DocsStates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "states",
        abstract: "Print docs/STATES.md.",
        discussion: "Example:\n  dibs docs states > docs/STATES.md")

    func run() { Terminal.print(StatesPage.text) }
}

/// The command `dibs docs limits`.
struct DocsLimits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Print docs/LIMITS.md.",
        discussion: "Example:\n  dibs docs limits > docs/LIMITS.md")

    func run() { Terminal.print(LimitsPage.text) }
}

/// The command `dibs docs commands`.
struct DocsCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "commands",
        abstract: "Print docs/COMMANDS.md.",
        discussion: "Example:\n  dibs docs commands > docs/COMMANDS.md")

    func run() { Terminal.print(CommandsPage.text) }
}
