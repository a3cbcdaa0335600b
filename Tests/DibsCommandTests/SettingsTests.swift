import ArgumentParser
import DibsCore
import Foundation
import Testing

@testable import dibs

@Suite("Settings: a flag, then the environment, then the file")
struct SettingsTests {
    private func withFile<T>(_ text: String?, _ body: ([String: String]) throws -> T) throws -> T {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "dibs-config-\(UUID().uuidString).json")
        if let text { try text.write(to: file, atomically: true, encoding: .utf8) }
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(["DIBS_CONFIG": file.path(percentEncoded: false)])
    }

    private func settled(
        _ arguments: [String], _ environment: [String: String]
    ) throws -> ServerOptions.Settled {
        try ServerOptions.parse(arguments).settled(in: environment)
    }

    @Test func `each hides the next`() throws {
        try withFile(#"{"url": "http://file:1", "key": "dibs_file"}"#) { environment in
            var environment = environment
            let found1 = try settled([], environment)
            #expect(found1 == .init(url: "http://file:1", key: "dibs_file"))
            environment["DIBS_URL"] = "http://env:2"
            environment["DIBS_KEY"] = "dibs_env"
            let found2 = try settled([], environment)
            #expect(found2 == .init(url: "http://env:2", key: "dibs_env"))
            let flags = ["--url", "http://flag:3", "--key", "dibs_flag"]
            #expect(
                try settled(flags, environment) == .init(url: "http://flag:3", key: "dibs_flag"))
        }
    }

    @Test func `with none of them the server is the one of this machine`() throws {
        try withFile(nil) { environment in
            let found3 = try settled([], environment)
            #expect(found3 == .init(url: "http://127.0.0.1:7171", key: nil))
        }
    }

    @Test func `a file that cannot be read is said to be so`() throws {
        try withFile("not json") { environment in
            _ = #expect(throws: DibsError.self) { try settled([], environment) }
        }
    }

    @Test func `the file is written once, for its owner alone`() throws {
        try withFile(nil) { environment in
            let file = ConfigFile(url: "http://a", key: "dibs_k")
            let place = try #require(try file.writeIfNone(in: environment))
            let mode = try FileManager.default.attributesOfItem(
                atPath: place.path(percentEncoded: false))
            #expect(mode[.posixPermissions] as? Int == 0o600)
            #expect(try ConfigFile(url: "b", key: "c").writeIfNone(in: environment) == nil)
            #expect(try ConfigFile.read(in: environment).key == "dibs_k")
        }
    }

    @Test func `a database is named by its address`() throws {
        func place(_ text: String?) throws -> DatabaseOptions.Place {
            var options = DatabaseOptions()
            options.database = text
            return try options.place(in: ["HOME": "/home/ada"])
        }
        #expect(try place(nil) == .sqlite(path: "/home/ada/.local/share/dibs/dibs.sqlite"))
        #expect(try place("sqlite:a.db") == .sqlite(path: "a.db"))
        #expect(try place("sqlite:///srv/a.db") == .sqlite(path: "/srv/a.db"))
        #expect(try place("postgres://h/d") == .postgres(address: "postgres://h/d"))
        for wrong in ["mysql://h/d", "sqlite:", "a.db"] {
            #expect(throws: DibsError.self) { try place(wrong) }
        }
    }

    @Test func `a password is not shown`() throws {
        var options = DatabaseOptions()
        options.database = "postgres://dibs:secret@db:5432/dibs"
        #expect(try options.description() == "PostgreSQL, postgres://dibs@db:5432/dibs")
    }
}

@Suite("The command line")
struct CommandTests {
    struct Named: Sendable, CustomTestStringConvertible {
        let words: [String]
        let type: any ParsableCommand.Type
        var testDescription: String { words.joined(separator: " ") }
    }

    /// Every command with the words that lead to it.
    static let commands: [Named] = {
        func below(_ command: any ParsableCommand.Type, _ words: [String]) -> [Named] {
            let configuration = command.configuration
            let all =
                configuration.subcommands
                + configuration.groupedSubcommands.flatMap(\.subcommands)
            return [Named(words: words, type: command)]
                + all.flatMap { below($0, words + [$0._commandName]) }
        }
        return below(Dibs.self, [])
    }()

    @Test(arguments: commands)
    func `help says what it is for, and shows an example`(_ command: Named) {
        let text = Dibs.helpMessage(for: command.type)
        #expect(text.contains("OVERVIEW") && text.contains("USAGE"))
        #expect(text.contains("SUBCOMMANDS") || text.contains("xample"))
    }

    @Test func `there are as many commands as the documents speak of`() {
        let names = Set(Self.commands.map(\.testDescription))
        let expected: Set = [
            "serve", "demo", "work", "claim", "migrate", "task add", "task list", "task show",
            "task cancel", "task retry", "workspace add", "workspace list", "workspace show",
            "account add", "account list", "account show", "account grant", "source add",
            "source list", "worker list", "worker show", "docs states", "why", "doctor", "bench",
        ]
        #expect(names.isSuperset(of: expected))
    }

    @Test func `every error code has an exit number that is no success`() {
        #expect(ErrorCode.allCases.allSatisfy { (1...125).contains($0.exitNumber) })
    }

    @Test func `a table has its columns in line, and says when it is empty`() {
        var table = TextTable("id", "name")
        #expect(table.text(orNone: "Nothing.") == "Nothing.")
        table.add("1", "a")
        table.add("22", nil)
        #expect(table.text(orNone: "") == "ID  NAME\n1   a\n22  –")
        #expect("abcdef".shortened(to: 4) == "abc…" && "abc".shortened(to: 4) == "abc")
    }

    @Test func `docs/STATES.md is not stale`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/STATES.md"), encoding: .utf8)
        #expect(page == StatesPage.text + "\n", "run make docs")
    }
}
