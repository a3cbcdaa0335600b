internal import ArgumentParser
internal import DibsCore

/// The command `dibs docs`.
struct Docs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the pages that are made from the code.",
        subcommands: [DocsStates.self])
}

/// The command `dibs docs states`.
struct DocsStates: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "states",
        abstract: "Print docs/STATES.md.",
        discussion: "Example:\n  dibs docs states > docs/STATES.md")

    func run() { Terminal.print(StatesPage.text) }
}
