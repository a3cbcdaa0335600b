import DibsCore
import DibsTesting
import Foundation
import Subprocess
import SystemPackage

@testable import DibsRunner

/// A folder for one test, gone afterwards.
func withFolder<T>(_ body: (URL) async throws -> T) async throws -> T {
    let folder = FileManager.default.temporaryDirectory
        .appending(path: "dibs test " + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// Runs a script of a shell in a folder to its end, which must be a success; answers its output.
@discardableResult
func shell(_ script: String, in folder: String) async throws -> String {
    let result = try await run(
        .name("sh"), arguments: ["-ec", script], workingDirectory: .init(folder),
        output: .string(limit: 100_000), error: .string(limit: 100_000))
    guard result.terminationStatus.isSuccess else {
        throw CocoaError(.fileWriteUnknown, userInfo: ["sh": script + result.standardError])
    }
    return result.standardOutput
}

/// Makes a git repository with one commit.
func makeRepository(at folder: URL) async throws {
    let script = """
        git init -q -b main .
        git config user.name Test
        git config user.email test@example.org
        echo one > file
        git add .
        git commit -q -m first
        """
    try await shell(script, in: folder.path(percentEncoded: false))
}

/// A workspace of a repository with one commit, and a folder for a runner.
func withWorkspace(
    _ change: (inout NewWorkspace, _ origin: URL) -> Void = {
        $0.localPath = $1.path(percentEncoded: false)
    },
    _ body: (Workspace, _ origin: URL, _ folder: URL) async throws -> Void
) async throws {
    try await withFolder { folder in
        let origin = folder.appending(path: "origin")
        try FileManager.default.createDirectory(at: origin, withIntermediateDirectories: true)
        try await makeRepository(at: origin)
        try await Door.engineOnSQLite.open { bed in
            let workspace = try await bed.workspace { change(&$0, origin) }
            try await body(workspace, origin, folder.appending(path: "work"))
        }
    }
}

/// The repository of a workspace, as a runner with that folder has it.
func openRepository(of workspace: Workspace, _ folder: URL) async throws -> Repository {
    try await Repository(of: workspace, folder: folder, access: GitAccess(transports: ["file"]))
}
