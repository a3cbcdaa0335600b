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
            try DatabaseOptions(database: text).place(in: ["HOME": "/home/ada"])
        }
        #expect(try place(nil) == .sqlite(path: "/home/ada/.local/share/dibs/dibs.sqlite"))
        #expect(try place("sqlite:a.db") == .sqlite(path: "a.db"))
        #expect(try place("sqlite:///srv/a.db") == .sqlite(path: "/srv/a.db"))
        #expect(try place("postgres://h/d") == .postgres(address: "postgres://h/d"))
        for wrong in ["mysql://h/d", "sqlite:", "sqlite::memory:", "a.db", "host=h dbname=d"] {
            #expect(throws: DibsError.self) { try place(wrong) }
        }
    }

    @Test func `a password is not shown`() throws {
        let options = DatabaseOptions(database: "postgres://dibs:secret@db:5432/dibs")
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

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func document(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Commands as a text shows them: in backticks, or at the start of a line of an example.
    private static func shown(in text: String) -> [String] {
        text.matches(of: /(?:`|^ *|\n *|: )dibs ((?:-{0,2}[a-z][^`\n]*)?)/).map {
            String($0.output.1)
        }
    }

    /// The command that the first words of a line name, and its other words; nil for none.
    private static func named(_ line: String) -> (Named, [String])? {
        let words = line.split(separator: " ").map(String.init)
        let fitting = commands.filter { !$0.words.isEmpty && words.starts(with: $0.words) }
        return fitting.max { $0.words.count < $1.words.count }
            .map { ($0, Array(words.dropFirst($0.words.count))) }
    }

    @Test(arguments: [
        "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/COMMANDS.md",
        "docs/REMOVAL.md",
    ])
    func `every command and option that a document shows is there`(_ path: String) throws {
        try check(Self.shown(in: Self.document(path)), of: path)
    }

    @Test(arguments: commands)
    func `every command and option that a help shows is there`(_ command: Named) throws {
        let examples = command.type.configuration.discussion
        try check(Self.shown(in: examples), of: command.testDescription)
        #expect(
            !command.type.configuration.subcommands.isEmpty || command.words.isEmpty
                || Self.shown(in: examples).contains { Self.named($0)?.0.words == command.words },
            "there is no example of it")
    }

    /// What is not among the commands, and there all the same.
    private static let ofEvery: Set = ["", "help", "--help", "--version"]

    /// Options are looked for in the help of their command.
    private func check(_ lines: [String], of place: String) throws {
        for line in lines where !Self.ofEvery.contains(String(line.prefix { $0 != " " })) {
            let (command, rest) = try #require(Self.named(line), "\(place): dibs \(line)")
            let help = Dibs.helpMessage(for: command.type, includeHidden: true)
            for word in rest.prefix(while: { $0 != "--" }) {
                guard let option = word.firstMatch(of: /^--[a-z][a-z-]*/)?.output else { continue }
                #expect(help.contains(option), "\(place): dibs \(line)")
            }
        }
    }

    @Test func `docs/COMMANDS.md has every command, and is not stale`() throws {
        let page = try Self.document("docs/COMMANDS.md")
        #expect(page == CommandsPage.text + "\n", "run make docs")
        #expect(CommandLeaf.all(of: Dibs.self).count > 45)
    }

    /// What scripts branch on, written apart from the code: every error by its exit number.
    private static let exitNumbers: [Int32: String] = [
        4: "not_found no_route method_not_allowed",
        5: "worker_limit session_limit workspace_limit day_limit too_many",
        6: """
        illegal_transition lease_lost name_taken duplicate task_not_claimable
        idempotency_key_reused in_use dependency_cycle sequence_reused amount_out_of_range
        key_renewed
        """,
        7: """
        key_missing key_unknown account_closed forbidden host_not_allowed origin_not_allowed
        too_many_failures
        """,
        8: "git_failed",
        9: "migration_drift schema_drift secret_mismatch not_set_up",
        64: """
        malformed_json unknown_field missing_field invalid_field invalid_id invalid_amount
        invalid_cursor body_too_large usage malformed_request url_too_long headers_too_large
        unsupported_coding
        """,
        69: "server_unreachable not_dibs redirected unavailable busy unknown_outcome",
        70: "database_failed internal_error unreadable_answer",
    ]

    @Test func `every error has the exit number that scripts know`() {
        var expected: [String: Int32] = [:]
        for (number, codes) in Self.exitNumbers {
            for code in codes.split(whereSeparator: \.isWhitespace) {
                let before = expected.updateValue(number, forKey: String(code))
                #expect(before == nil, "\(code) twice")
            }
        }
        for code in ErrorCode.allCases {
            #expect(code.exitNumber == expected[code.rawValue], "\(code.rawValue)")
        }
        #expect(expected.count == ErrorCode.allCases.count, "the others are no errors of Dibs")
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
        let page = try Self.document("docs/STATES.md")
        #expect(page == StatesPage.text + "\n", "run make docs")
    }

    @Test func `docs/LIMITS.md is not stale`() throws {
        let page = try Self.document("docs/LIMITS.md")
        #expect(page == LimitsPage.text + "\n", "run make docs")
    }
}
