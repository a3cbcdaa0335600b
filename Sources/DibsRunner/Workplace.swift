internal import DibsCore
internal import Foundation

/// The folders in which a runner works, looked at before anything is claimed.
enum Workplace {
    /// Makes the folder of clones and worktrees; throws `usage` when it or the folder of temporary
    /// files cannot be written to.
    static func check(
        _ folder: URL, temporary: URL = FileManager.default.temporaryDirectory
    ) throws {
        let path = folder.path(percentEncoded: false)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try probe(path, hint: "Name another folder: --folder.")
        try probe(
            temporary.path(percentEncoded: false),
            hint: "Make that folder, or name another one in TMPDIR.")
    }

    private static func probe(_ folder: String, hint: String) throws {
        let file = folder + "/.dibs-" + UUID().uuidString
        guard FileManager.default.createFile(atPath: file, contents: Data([0])) else {
            throw DibsError(
                .usage, "A folder that the runner needs cannot be written to.",
                details: ["folder": folder], hint: hint)
        }
        try? FileManager.default.removeItem(atPath: file)
    }
}
