import Foundation
import Subprocess
import SystemPackage

/// A folder for one test, gone afterwards.
func withFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "dibs test " + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// Makes a git repository with one commit.
func makeRepository(at folder: URL) async throws {
    let script = """
        set -e
        git init -q -b main .
        git config user.name Test
        git config user.email test@example.org
        echo one > file
        git add .
        git commit -q -m first
        """
    let result = try await run(
        .name("sh"), arguments: ["-c", script],
        workingDirectory: .init(folder.path(percentEncoded: false)),
        output: .discarded, error: .string(limit: 10_000))
    guard result.terminationStatus.isSuccess else {
        throw CocoaError(.fileWriteUnknown, userInfo: ["git": result.standardError])
    }
}
