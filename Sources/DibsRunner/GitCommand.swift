internal import DibsCore
internal import Foundation
internal import Subprocess
internal import SystemPackage

/// Runs git in a folder.
struct GitCommand: Sendable {
    let folder: String

    /// So many bytes of its output are kept.
    private static let limit = 8 * 1024 * 1024

    /// What it prints, without the last line's end; throws `git_failed` with git's own words.
    @discardableResult
    func run(_ arguments: String...) async throws -> String {
        let result: ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>
        do {
            result = try await Subprocess.run(
                .name("git"), arguments: Arguments(["-C", folder] + arguments),
                // What a surrounding git set would point it to another repository.
                environment: .inherit.updating([
                    "GIT_DIR": nil, "GIT_WORK_TREE": nil, "GIT_INDEX_FILE": nil,
                    "GIT_TERMINAL_PROMPT": "0",
                ]),
                output: .string(limit: Self.limit), error: .string(limit: Self.limit))
        } catch let error as SubprocessError {
            throw DibsError(
                .gitFailed, "git cannot be run.", details: ["reason": "\(error)"],
                hint: "Install git, and see that its output stays below 8 MiB.")
        }
        guard result.terminationStatus.isSuccess else {
            throw DibsError(
                .gitFailed, "git refused.",
                details: [
                    "command": "git " + arguments.joined(separator: " "), "folder": folder,
                    "said": String(
                        result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
                            .prefix(500)),
                ],
                hint: "Run the command there by hand to see more.")
        }
        return result.standardOutput.trimmingCharacters(in: .newlines)
    }
}
