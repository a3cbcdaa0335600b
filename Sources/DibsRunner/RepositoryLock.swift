internal import DibsCore
internal import Foundation
internal import SystemPackage

/// Keeps two from changing one repository's worktrees at once, in this process or another: git
/// itself fails when they meet.
struct RepositoryLock: Sendable {
    let path: String

    /// Runs something while nobody else of us does.
    ///
    /// Waits as long as the holder lives, whose end lets go of the lock, and until the task is
    /// cancelled.
    @discardableResult
    func held<T>(_ body: () async throws -> T) async throws -> T {
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .closeOnExec],
            permissions: [.ownerReadWrite])
        defer { try? file.close() }  // which also lets go of the lock
        while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
            try await Task.sleep(for: .milliseconds(20))
        }
        return try await body()
    }
}
