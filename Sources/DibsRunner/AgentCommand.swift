internal import DibsCore
internal import Foundation

/// The command that a runner was given, found before anything is claimed for it.
enum AgentCommand {
    /// The command with its program's whole path where it was named by a path that is there: seen
    /// from the folder in which it was typed, as a shell would.
    ///
    /// A relative path that is not there may be one of the worktree's own and stays as it is.
    /// Throws `usage` for a name that no folder of `PATH` has, and for a whole path that is no
    /// program's.
    static func located(
        _ command: [String], path: String? = ProcessInfo.processInfo.environment["PATH"],
        from folder: String = FileManager.default.currentDirectoryPath
    ) throws -> [String] {
        guard let program = command.first, !program.isEmpty else {
            throw missing("")
        }
        guard program.contains("/") else {
            let folders = (path ?? "/usr/bin:/bin").split(separator: ":")
            guard folders.contains(where: { isProgram("\($0)/\(program)") }) else {
                throw missing(program)
            }
            return command
        }
        let whole = program.hasPrefix("/") ? program : folder + "/" + program
        if isProgram(whole) { return [whole] + command.dropFirst() }
        guard !program.hasPrefix("/") else { throw missing(program) }
        return command
    }

    private static func isProgram(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && !isFolder.boolValue && FileManager.default.isExecutableFile(atPath: path)
    }

    private static func missing(_ program: String) -> DibsError {
        DibsError(
            .usage, "The agent's command is not there, or may not be run.",
            details: ["command": program],
            hint: "Check the words after --; a file needs chmod +x.")
    }
}
