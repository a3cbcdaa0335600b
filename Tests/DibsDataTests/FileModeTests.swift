import DibsData
import DibsSQLite
import DibsTesting
import Foundation
import Testing

@Suite("Only plain files are made private, and only they are opened")
struct FileModeTests {
    private func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "dibs-modes-\(UUID().uuidString)").path(percentEncoded: false)
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test func `a plain file loses what others may, and keeps what its owner may`() async throws {
        try await withFolder { folder in
            let file = PrivateFile(folder + "/a")
            file.tighten()
            #expect(file.mode == nil, "nothing is made")
            #expect(FileManager.default.createFile(atPath: file.path, contents: nil))
            for (before, after) in [(0o644, 0o600), (0o750, 0o700), (0o407, 0o400), (0o600, 0o600)]
            {
                chmod(file.path, mode_t(before))
                #expect((file.foreignRights != 0) == (before != after))
                file.tighten()
                #expect(file.mode == after)
            }
        }
    }

    @Test(arguments: ["pipe", "folder", "link to a folder"])
    func `what is no plain file keeps its mode and is refused, without waiting for it`(
        kind: String
    ) async throws {
        try await withFolder { folder in
            let path = folder + "/a"
            switch kind {
            case "pipe": #expect(mkfifo(path, 0o666) == 0)
            case "folder":
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: false)
            default:
                try FileManager.default.createDirectory(
                    atPath: folder + "/b", withIntermediateDirectories: false)
                try FileManager.default.createSymbolicLink(
                    atPath: path, withDestinationPath: folder + "/b")
            }
            chmod(path, 0o777)
            let file = PrivateFile(path)
            #expect(file.isStrange)
            for purpose in [FilePurpose.serve, .change, .look] {
                let refused = try await failure(as: DataError.self) {
                    try await SQLiteEngine.open(path: path, for: purpose)
                }
                #expect(refused?.code == .open)
            }
            file.tighten()
            #expect(file.mode == 0o777)
            #expect(try !file.make(), "and nothing is put in its place")
        }
    }
}
