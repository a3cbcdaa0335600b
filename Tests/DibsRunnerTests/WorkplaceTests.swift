import DibsCore
import Foundation
import Testing

@testable import DibsRunner

@Suite("A runner that cannot work says so before it claims")
struct WorkplaceTests {
    @Test func `a relative path is one of the folder in which it was typed`() async throws {
        try await withFolder { folder in
            let path = folder.path(percentEncoded: false)
            let script = path + "/agent.sh"
            #expect(
                FileManager.default.createFile(
                    atPath: script, contents: nil, attributes: [.posixPermissions: 0o755]))
            let found = try AgentCommand.located(["./agent.sh", "-x"], from: path)
            #expect(found.count == 2 && found[0].hasPrefix(path) && found[0].hasSuffix("/agent.sh"))
            let own = ["./of-the-worktree", "-x"]
            let left = try AgentCommand.located(own, from: path)
            #expect(left == own)
        }
    }

    @Test func `folders that cannot be written to are named`() async throws {
        try await withFolder { folder in
            let good = folder.appending(path: "made/deep")
            try Workplace.check(good, temporary: folder)
            #expect(FileManager.default.fileExists(atPath: good.path(percentEncoded: false)))
            let bad = URL(filePath: "/proc/no-such-folder")
            for (work, temporary) in [(bad, folder), (good, bad)] {
                let error = #expect(throws: DibsError.self) {
                    try Workplace.check(work, temporary: temporary)
                }
                #expect(error?.details["folder"]?.hasPrefix("/proc/") == true)
            }
        }
    }
}
