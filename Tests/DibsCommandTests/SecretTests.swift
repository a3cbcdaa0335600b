import ArgumentParser
import DibsClient
import DibsCore
import DibsTesting
import Foundation
import Subprocess
import SystemPackage
import Testing

@testable import dibs

@Suite("Keys stay with the process they were given to", .timeLimit(.minutes(3)))
struct SecretTests {
    private static let key = "dibs_" + String(repeating: "k", count: 43)

    private func settled(
        _ arguments: [String], _ environment: [String: String]
    ) throws -> ServerOptions.Settled {
        var environment = environment
        environment["DIBS_CONFIG"] = environment["DIBS_CONFIG"] ?? "/nowhere/config.json"
        return try ServerOptions.parse(arguments).settled(in: environment)
    }

    private func withKeyFile(_ text: String, _ body: (String) throws -> Void) throws {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "dibs-key-" + UUID().uuidString)
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        try body(file.path(percentEncoded: false))
    }

    @Test func `a key comes from a file, and what surrounds it is cut off`() throws {
        try withKeyFile("\r\n  dibs_a \n") { path in
            let flag = try settled(["--key-file", path], ["DIBS_KEY": "dibs_b"]).key
            let variable = try settled([], ["DIBS_KEY_FILE": path, "DIBS_TOKEN": "t"]).key
            let hidden = try settled([], ["DIBS_KEY_FILE": path, "DIBS_KEY": "dibs_b\n"]).key
            #expect(flag == "dibs_a" && variable == "dibs_a" && hidden == "dibs_b")
        }
        for empty in ["", " \n"] {
            try withKeyFile(empty) { path in
                #expect(throws: DibsError.self) { try settled(["--key-file", path], [:]) }
            }
        }
        #expect(throws: DibsError.self) { try settled(["--key-file", "/nowhere/key"], [:]) }
    }

    @Test func `an empty key hides nothing`() throws {
        try withKeyFile(#"{"url": "http://file:1", "key": "dibs_file\n"}"#) { path in
            let empty = [
                "DIBS_CONFIG": path, "DIBS_KEY": " ", "DIBS_TOKEN": "", "DIBS_URL": "",
                "DIBS_KEY_FILE": "",
            ]
            let found = try settled([], empty)
            #expect(found == .init(url: "http://file:1", key: "dibs_file"))
        }
    }

    @Test(arguments: ["dibs_a b", "dibs_a\nb", "dibs_a\u{1B}[2J", "dibs_ä", "dibs_a\0"])
    func `what can be no key is refused, and not repeated`(_ text: String) throws {
        let error = #expect(throws: DibsError.self) { try settled([], ["DIBS_KEY": text]) }
        #expect(error?.code == .usage && error.map { "\($0)".contains("dibs_a") } == false)
    }

    @Test func `a process that hides its secrets closes its memory`() {
        setenv("DIBS_ADMIN_KEY", Self.key, 1)
        ProcessSecrets.hide()
        #expect(getenv("DIBS_ADMIN_KEY") == nil)
        #if os(Linux)
            #expect(!ProcessSecrets.isMemoryOpen)
        #endif
    }

    #if os(Linux)
        @Test func `the address of a server's database is not in the list of processes`()
            async throws
        {
            try await withProgram { program, folder in
                var program = program
                program.prelude = #"echo $$ > "$HOME/pid""#
                let database = "sqlite:" + folder.path(percentEncoded: false) + "/hunter2.sqlite"
                let home = folder.path(percentEncoded: false)
                for words in [["--database", database], ["--database=" + database]] {
                    try await program.running(
                        ["serve", "--port", "0"] + words, until: "listens on"
                    ) { _ in
                        let pid = try String(contentsOfFile: home + "/pid", encoding: .utf8)
                        let path =
                            "/proc/\(pid.trimmingCharacters(in: .whitespacesAndNewlines))/cmdline"
                        let shown = FileManager.default.contents(atPath: path) ?? Data()
                        let text = String(decoding: shown, as: UTF8.self)
                        #expect(text.contains("serve") && text.contains("--port"))
                        #expect(!text.contains("hunter2"), "\(text)")
                    }
                }
            }
        }
    #endif

    @Test(arguments: ["by variable", "by flag"])
    func `neither the system nor the agent is shown the key of a runner`(
        _ way: String
    ) async throws {
        try await withProgram { program, folder in
            let repository = folder.appending(path: "repository").path(percentEncoded: false)
            try await Self.makeRepository(at: repository)
            let database = "sqlite:" + folder.path(percentEncoded: false) + "/a.sqlite"
            let serve = ["serve", "--port", "0", "--database", database]
            try await program.running(
                serve, with: ["DIBS_ADMIN_KEY": Self.key], until: "listens on"
            ) { line in
                let address = String(try #require(line.firstMatch(of: /http:\S+/)).output)
                let service = try HTTPDibsService(address)
                let workspace = try await service.createWorkspace(
                    NewWorkspace(name: "site", localPath: repository), as: Credential(Self.key))
                _ = try await service.createTask(
                    NewTask(workspaceID: workspace.id, title: "Fix"), as: Credential(Self.key))
                // What an agent sees of its runner, and of itself.
                let agent = """
                    tr '\\0' '\\n' < /proc/$PPID/environ; tr '\\0' '\\n' < /proc/$PPID/cmdline
                    env; git config core.fsmonitor false; echo looked
                    """
                var work = ["work", "--once", "--url", address]
                if way == "by flag" { work += ["--key", Self.key] }
                let shown = try await program.run(
                    work + ["--", "sh", "-c", agent],
                    with: way == "by flag" ? [:] : ["DIBS_KEY": Self.key])
                #expect(shown.status == .exited(0) && shown.output.contains("looked"))
                #expect(!shown.output.contains(Self.key) && !shown.error.contains(Self.key))
                #expect(shown.error.contains("list of processes") == (way == "by flag"))
                #expect(shown.error.contains("PATH=") || shown.output.contains("PATH="))
            }
        }
    }

    private static func makeRepository(at path: String) async throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
        let script = """
            git init -q -b main . && git config user.name T && git config user.email t@example.org
            echo one > file && git add . && git commit -q -m first
            """
        _ = try await Subprocess.run(
            .name("sh"), arguments: ["-ec", script], workingDirectory: FilePath(path),
            output: .discarded)
    }
}
