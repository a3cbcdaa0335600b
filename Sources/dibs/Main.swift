internal import ArgumentParser
internal import DibsCore
internal import Foundation

/// Starts the command that the arguments name, and turns an error into words and a number.
@main
enum Main {
    static func main() async {
        StandardFiles.open()
        do {
            let command = try Dibs.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                var command = command
                try command.run()
            }
            if let loss = StandardFiles.loss {
                Terminal.note("error: a part of the answer could not be written: \(loss)")
                exit(StandardFiles.lossNumber)
            }
        } catch let error as DibsError {
            Terminal.say(error)
            exit(error.code.exitNumber)
        } catch is CancellationError {
            exit(130)
        } catch {
            Dibs.exit(withError: error)
        }
    }
}

/// The root of every command.
struct Dibs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dibs",
        abstract: "The queue your coding agents share.",
        discussion: """
            Agents call dibs on a task, work on a branch of their own, report, and finish. No two \
            get the same task, and a dead one's task comes back by itself.

            First steps:
              dibs demo                                   see it at work
              dibs serve                                  start a server on this machine
              dibs workspace add site --local-path .      tell it about a repository
              dibs task add "Fix the login" --workspace site
              dibs work --workspace site -- ./agent.sh    run a command for each task

            Settings come from a flag, then from the environment (DIBS_URL, DIBS_KEY, …), then \
            from ~/.config/dibs/config.json.
            """,
        version: "0.1.0",
        subcommands: [],
        groupedSubcommands: [
            CommandGroup(
                name: "Start",
                subcommands: [
                    Demo.self, Serve.self, Migrate.self, DoctorCommand.self, AdminKeyCommand.self,
                ]),
            CommandGroup(name: "Agents", subcommands: [Work.self, Claim.self, WhyCommand.self]),
            CommandGroup(
                name: "People",
                subcommands: [QuestionCommand.self, Answer.self, CostCommand.self]),
            CommandGroup(
                name: "Things",
                subcommands: [
                    TaskCommand.self, ArtifactCommand.self, WorkspaceCommand.self,
                    AccountCommand.self, SourceCommand.self, WorkerCommand.self,
                ]),
            CommandGroup(name: "Project", subcommands: [Bench.self, Docs.self]),
        ])
}
