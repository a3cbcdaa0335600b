import Foundation
import Subprocess
import SystemPackage

/// The built program, as people run it.
struct Program: Sendable {
    let folder: URL
    /// Commands of a shell that starts it, such as `umask 000`.
    var prelude: String?

    private static let path = FilePath(
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appending(path: "dibs").path(percentEncoded: false))

    private func configuration(_ arguments: [String], _ more: [String: String]) -> Configuration {
        var values: [Environment.Key: String?] = [
            "HOME": folder.path(percentEncoded: false),
            "DIBS_CONFIG": folder.path(percentEncoded: false) + "/config.json",
            "DIBS_URL": nil, "DIBS_KEY": nil, "DIBS_DATABASE_URL": nil, "DIBS_TOKEN": nil,
            "DIBS_KEY_FILE": nil, "DIBS_ALLOW_REPO": nil, "DIBS_ADMIN_KEY": nil,
            "XDG_DATA_HOME": nil, "XDG_CONFIG_HOME": nil,
        ]
        for (name, value) in more { values[Environment.Key(stringLiteral: name)] = value }
        guard let prelude else {
            return Configuration(
                executable: .path(Self.path), arguments: Arguments(arguments),
                environment: .inherit.updating(values))
        }
        let words = ["-c", prelude + #"; exec "$@""#, "sh", Self.path.string] + arguments
        return Configuration(
            executable: .name("sh"), arguments: Arguments(words),
            environment: .inherit.updating(values))
    }

    /// Runs it to its end.
    func run(
        _ arguments: String..., with environment: [String: String] = [:]
    ) async throws -> (status: TerminationStatus, output: String, error: String) {
        try await run(arguments, with: environment)
    }

    /// Runs it with a list of arguments.
    func run(
        _ arguments: [String], with environment: [String: String] = [:]
    ) async throws -> (status: TerminationStatus, output: String, error: String) {
        let result = try await Subprocess.run(
            configuration(arguments, environment), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20))
        return (result.terminationStatus, result.standardOutput, result.standardError)
    }

    /// Runs it until a line says what is waited for; then the body, and then it is ended.
    func running<T: Sendable>(
        _ arguments: [String], with environment: [String: String] = [:],
        until words: String, ending signal: Signal = .terminate,
        _ body: @escaping @Sendable (_ line: String) async throws -> T
    ) async throws -> T {
        let result = try await Subprocess.run(
            configuration(arguments, environment), input: .none, output: .sequence,
            error: .discarded
        ) { execution -> T in
            for try await line in execution.standardOutput.strings() where line.contains(words) {
                let value = try await body(line)
                try execution.send(signal: signal)
                return value
            }
            throw CancellationError()
        }
        return result.closureResult
    }
}

/// Runs a test with a folder of its own, which is the program's home.
func withProgram(_ body: (Program, URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "dibs program " + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(Program(folder: folder), folder)
}
