import ArgumentParser
import DibsClient
import DibsCore
import DibsData
import DibsEngine
import DibsSQLite
import DibsTesting
import Foundation
import Subprocess
import Testing

@testable import dibs

/// What the tests of operation say and look at.
extension Program {
    static let key = "dibs_" + String(repeating: "o", count: 43)

    func path(_ name: String) -> String { folder.path(percentEncoded: false) + "/" + name }

    /// Starts a server with a SQLite file of that name, and ends it; answers its first line.
    @discardableResult
    func serve(
        _ name: String = "a.sqlite", _ more: String..., with environment: [String: String] = [:],
        _ body: @escaping @Sendable (_ line: String) async throws -> Void = { _ in }
    ) async throws -> String {
        let arguments = ["serve", "--port", "0", "--database", "sqlite:" + path(name)] + more
        return try await running(arguments, with: environment, until: "listens on") { line in
            try await body(line)
            return line
        }
    }

    func mode(_ name: String) -> Int? { PrivateFile(path(name)).mode }
}

@Suite("Files are their owner's alone, and the secret is kept", .timeLimit(.minutes(5)))
struct PrivateFileTests {
    @Test func `whatever the umask is, nobody else can read what a server makes`() async throws {
        try await withProgram { program, _ in
            var program = program
            program.prelude = "umask 000"
            let looser = program
            try await program.serve("new/deep/a.sqlite") { _ in
                for name in ["new", "new/deep"] { #expect(looser.mode(name) == 0o700, "\(name)") }
                for name in [
                    "new/deep/a.sqlite", "new/deep/a.sqlite-wal", "new/deep/a.sqlite-shm",
                    "new/deep/a.sqlite.secret", "config.json",
                ] {
                    #expect(looser.mode(name) == 0o600, "\(name)")
                }
            }
            let demo = try await program.run(
                "demo", "--once", "--folder", program.path("demo"))
            #expect(demo.status == .exited(0), "\(demo.output) \(demo.error)")
            #expect(program.mode("demo") == 0o700)
            #expect(program.mode("demo/dibs.sqlite") == 0o600)
            #expect(program.mode("demo/dibs.sqlite.secret") == 0o600)
        }
    }

    @Test func `the doctor names each file that is loose, and serve tightens it`() async throws {
        try await withProgram { program, folder in
            try await program.serve()
            let database = "sqlite:" + program.path("a.sqlite")
            let well = try await program.run("doctor", "--database", database)
            #expect(well.status == .exited(0) && well.output.contains("All is well"))
            #expect(chmod(program.path("a.sqlite"), 0o644) == 0)
            #expect(chmod(folder.path(percentEncoded: false), 0o777) == 0)
            let doctor = try await program.run("doctor", "--database", database)
            #expect(doctor.status == .exited(1))
            #expect(doctor.output.contains("run: chmod 600 '\(program.path("a.sqlite"))'"))
            #expect(doctor.output.contains("run: chmod go-w '"))
            #expect(program.mode("a.sqlite") == 0o644, "the doctor changes nothing")
            try await program.serve()
            #expect(program.mode("a.sqlite") == 0o600)
        }
    }

    @Test func `files with a key or a password are looked at too, whatever reads the folder`()
        async throws
    {
        try await withProgram { program, folder in
            var program = program
            program.prelude = #"exec 2>>"$HOME/errors""#
            let quiet = program
            program.prelude = nil
            let (config, key) = (program.path("config.json"), program.path("key"))
            chmod(folder.path(percentEncoded: false), 0o755)
            try await quiet.serve()
            try Data(Program.key.utf8).write(to: URL(filePath: key))
            for (file, name) in [(config, "DIBS_CONFIG"), (key, "DIBS_KEY_FILE")] {
                let database = "sqlite:" + program.path("a.sqlite")
                for mode: mode_t in [0o600, 0o644, 0o640] {
                    chmod(file, mode)
                    let run = try await program.run(
                        "doctor", "--database", database, with: [name: file])
                    #expect(run.status == .exited(mode == 0o600 ? 0 : 1), "\(run)")
                    #expect(run.output.contains("chmod 600 '\(file)'") == (mode != 0o600))
                }
                try await quiet.serve(with: [name: file])
                #expect(program.mode("errors") != nil)
                let said = try String(contentsOfFile: program.path("errors"), encoding: .utf8)
                #expect(said.contains("warning: A file of Dibs can be read"))
                #expect(said.contains(file))
                try FileManager.default.removeItem(atPath: program.path("errors"))
                chmod(file, 0o600)
            }
            // An address alone is no secret.
            try Data(#"{"url": "http://127.0.0.1:1"}"#.utf8).write(to: URL(filePath: config))
            chmod(config, 0o644)
            let run = try await program.run(
                "doctor", "--database", "sqlite:" + program.path("a.sqlite"))
            #expect(run.status == .exited(0), "\(run)")
            let place = program.path("place")
            for (text, isSecret) in [
                ("postgres://u:hunter2@h/d", true), ("postgres://u@h/d", false),
            ] {
                try Data(text.utf8).write(to: URL(filePath: place))
                chmod(place, 0o644)
                let options = try DatabaseOptions.parse(["--database-file", place])
                let findings = try FileReview.findings(of: options, in: ["HOME": place + ".home"])
                #expect(findings.map(\.id) == (isSecret ? [place] : []))
            }
        }
    }

    @Test func `a secret that is gone is not made anew`() async throws {
        try await withProgram { program, _ in
            try await program.serve()
            let (secret, database) = (program.path("a.sqlite.secret"), program.path("a.sqlite"))
            let text = try String(contentsOfFile: secret, encoding: .utf8)
            try FileManager.default.removeItem(atPath: secret)
            for command in [["serve", "--port", "0"], ["admin-key"], ["doctor"]] {
                let refused = try await program.run(
                    command + ["--database", "sqlite:" + database])
                #expect(refused.status == .exited(9), "\(command)")
                #expect(refused.error.contains("code: secret_mismatch"))
                #expect(refused.error.contains(secret))
            }
            let doctor = try await program.run(
                "doctor", "--json", "--database", "sqlite:" + database)
            #expect(doctor.output.contains("The secret of this database is not in its place."))
            for command in [["migrate"], ["migrate", "--check"]] {
                let done = try await program.run(command + ["--database", "sqlite:" + database])
                #expect(done.status == .exited(0), "\(command) \(done.error)")
            }
            #expect(!FileManager.default.fileExists(atPath: secret))
            // Another's is no better, and both are said.
            try (String(repeating: "A", count: 43) + "\n").write(
                toFile: secret, atomically: false, encoding: .utf8)
            chmod(secret, 0o600)
            for command in [["serve", "--port", "0"], ["doctor"]] {
                let refused = try await program.run(
                    command + ["--database", "sqlite:" + database])
                #expect(refused.status == .exited(9), "\(command)")
                #expect(refused.error.contains("code: secret_mismatch"))
            }
            try text.write(toFile: secret, atomically: false, encoding: .utf8)
            chmod(secret, 0o640)
            let loose = try await program.run(
                "serve", "--port", "0", "--database", "sqlite:" + database)
            #expect(loose.status == .exited(64) && loose.error.contains("chmod 600 '\(secret)'"))
            chmod(secret, 0o600)
            try await program.serve()
        }
    }
}

@Suite("The admin's key", .timeLimit(.minutes(5)))
struct AdminKeyTests {
    @Test(arguments: ["a", "changeme", "dibs_short", "dibs_" + String(repeating: "o", count: 44)])
    func `what anybody could guess is refused before anything is made`(key: String) async throws {
        try await withProgram { program, folder in
            let refused = try await program.run(
                "serve", "--port", "0", "--database", "sqlite:" + program.path("a.sqlite"),
                with: ["DIBS_ADMIN_KEY": key])
            #expect(refused.status == .exited(64))
            #expect(refused.error.contains("code: usage"))
            #expect(key.count < 3 || !(refused.output + refused.error).contains(key))
            let files = try FileManager.default.contentsOfDirectory(
                atPath: folder.path(percentEncoded: false))
            #expect(files == [])
        }
    }

    @Test func `an empty one is none, and blanks around one are not part of it`() async throws {
        try await withProgram { program, _ in
            let arguments = [
                "serve", "--port", "0", "--database", "sqlite:" + program.path("a.sqlite"),
            ]
            try await program.running(
                arguments, with: ["DIBS_ADMIN_KEY": "  "], until: "shown this once: dibs_"
            ) { _ in }
            try await program.serve(
                "b.sqlite", with: ["DIBS_ADMIN_KEY": " \(Program.key)\n"]
            ) { line in
                let service = try service(at: line)
                let me = try await service.account(nil, as: Credential(Program.key))
                #expect(me.level == .admin)
            }
        }
    }

    @Test func `one that is no admin's of an existing database is said to be ignored`() async throws
    {
        try await withProgram { program, _ in
            var program = program
            program.prelude = #"exec 2>>"$HOME/errors""#
            func errors() throws -> String {
                try String(contentsOfFile: program.path("errors"), encoding: .utf8)
            }
            try await program.serve(with: ["DIBS_ADMIN_KEY": Program.key])
            try await program.serve(with: ["DIBS_ADMIN_KEY": Program.key])
            #expect(!(try errors().contains("it is ignored")))
            try await program.serve(
                with: ["DIBS_ADMIN_KEY": "dibs_" + String(repeating: "x", count: 43)])
            #expect(try errors().contains("it is ignored"))
        }
    }

    @Test func `a lost one is replaced with the database and its secret`() async throws {
        try await withProgram { program, _ in
            try await program.serve(with: ["DIBS_ADMIN_KEY": Program.key])
            let renewed = try await program.run(
                "admin-key", "--database", "sqlite:" + program.path("a.sqlite"))
            #expect(renewed.status == .exited(0), "\(renewed.error)")
            let key = Credential(
                String(try #require(renewed.output.firstMatch(of: /dibs_\S+/)).output))
            #expect(key.isWellFormed)
            try await program.serve { line in
                let service = try service(at: line)
                #expect(try await service.account(nil, as: key).level == .admin)
                let old = try await failure(as: DibsError.self) {
                    try await service.account(nil, as: Credential(Program.key))
                }
                #expect(old?.code == .keyUnknown)
            }
        }
    }

    @Test
    func `a port that is taken loses none: it was told, opens, and is kept nowhere by halves`()
        async throws
    {
        try await withProgram { program, _ in
            try await program.serve("a.sqlite", "--no-keep-key") { line in
                let port = try #require(line.firstMatch(of: /http:\S+:([0-9]+)/)).output.1
                let refused = try await program.run(
                    "serve", "--port", String(port), "--database",
                    "sqlite:" + program.path("b.sqlite"))
                #expect(refused.status == .exited(64) && refused.error.contains("Something else"))
                let key = try #require(refused.output.firstMatch(of: /once: (dibs_\S+)/)).output.1
                #expect(program.mode("config.json") == nil)
                try await program.serve("b.sqlite") { line in
                    let service = try service(at: line)
                    let me = try await service.account(nil, as: Credential(String(key)))
                    #expect(me.level == .admin)
                }
            }
        }
    }

    @Test func `it is kept in the config file, or not`() async throws {
        try await withProgram { program, _ in
            try await program.serve("a.sqlite", "--no-keep-key")
            #expect(program.mode("config.json") == nil)
            try await program.serve("b.sqlite", with: ["DIBS_KEEP_KEY": "0"])
            #expect(program.mode("config.json") == nil)
            try await program.serve("c.sqlite")
            #expect(program.mode("config.json") == 0o600)
        }
    }

    private func service(at line: String) throws -> HTTPDibsService {
        try HTTPDibsService(String(try #require(line.firstMatch(of: /http:\S+/)).output))
    }
}

@Suite("A server is reached where it says", .timeLimit(.minutes(5)))
struct ListeningTests {
    @Test(arguments: [
        ("127.0.0.1", "http://127.0.0.1:"), ("0.0.0.0", "http://127.0.0.1:"),
        ("localhost", "http://localhost:"), ("::1", "http://[::1]:"), ("[::1]", "http://[::1]:"),
        ("::", "http://[::1]:"),
    ])
    func `what is printed and kept is what a client on this machine uses`(
        host: String, prefix: String
    ) async throws {
        try await withProgram { program, _ in
            try await program.serve("a.sqlite", "--host", host) { line in
                #expect(line.contains(prefix))
                let show = try await program.run("account", "show")
                #expect(show.status == .exited(0), "\(show.error)")
                let config = try String(
                    contentsOfFile: program.path("config.json"), encoding: .utf8)
                #expect(config.replacing("\\/", with: "/").contains(prefix))
            }
        }
    }

    @Test(arguments: [
        "", "http://127.0.0.1", "127.0.0.1:8080", "a b", "192.0.2.1", "no-such-host.invalid",
    ])
    func `what is no address of this machine is refused in words`(host: String) async throws {
        try await withProgram { program, _ in
            let refused = try await program.run(
                "serve", "--port", "0", "--host", host, "--database",
                "sqlite:" + program.path("a.sqlite"))
            #expect(refused.status == .exited(64), "\(refused.error)")
            #expect(refused.error.contains("code: usage") && refused.error.contains("hint:"))
        }
    }
}

@Suite("A database that is not there, or not ours, is said to be so", .timeLimit(.minutes(5)))
struct OddDatabaseTests {
    private func expect(
        _ code: String, _ words: String, from program: Program, _ database: String,
        line: Int = #line
    ) async throws {
        let doctor = try await program.run("doctor", "--database", database)
        #expect(doctor.status == .exited(9), "line \(line): \(doctor.error)")
        #expect(doctor.error.contains("code: \(code)"), "line \(line): \(doctor.error)")
        #expect(doctor.error.contains(words), "line \(line): \(doctor.error)")
        #expect(doctor.error.contains("hint:") && !doctor.error.contains("fault of Dibs"))
    }

    @Test func `doctor on SQLite: missing, empty, another program's, older`() async throws {
        try await withProgram { program, folder in
            let database = "sqlite:" + program.path("a.sqlite")
            try await expect("not_set_up", "no Dibs here yet", from: program, database)
            let files = try FileManager.default.contentsOfDirectory(
                atPath: folder.path(percentEncoded: false))
            #expect(files == [], "nothing is made")
            #expect(FileManager.default.createFile(atPath: program.path("a.sqlite"), contents: nil))
            try await expect("not_set_up", "no Dibs here yet", from: program, database)
            _ = try await program.run("migrate", "--database", database)
            let older = Database { try await SQLiteEngine.open(path: program.path("a.sqlite")) }
            try await older.write {
                try $0.script(
                    """
                    DELETE FROM schema_migrations
                    WHERE name = (SELECT max(name) FROM schema_migrations)
                    """)
            }
            await older.close()
            try await expect("schema_drift", "dibs migrate", from: program, database)
            let foreign = Database { try await SQLiteEngine.open(path: program.path("b.sqlite")) }
            try await foreign.write { try $0.script("CREATE TABLE bookmarks (url TEXT)") }
            await foreign.close()
            let other = "sqlite:" + program.path("b.sqlite")
            try await expect("not_set_up", "another program's", from: program, other)
            let serve = try await program.run("serve", "--port", "0", "--database", other)
            #expect(serve.status == .exited(9) && serve.error.contains("another program's"))
        }
    }

    @Test func `doctor on PostgreSQL: empty, another program's, older`() async throws {
        try await ServerDatabase.with { place in
            try await withProgram { program, _ in
                try await expect("not_set_up", "no Dibs here yet", from: program, place.address)
                _ = try await program.run("migrate", "--database", place.address)
                try await ServerDatabase.run(
                    """
                    DELETE FROM schema_migrations
                    WHERE name = (SELECT max(name) FROM schema_migrations)
                    """, in: place.name)
                try await expect("schema_drift", "dibs migrate", from: program, place.address)
                try await ServerDatabase.run(
                    "ALTER TABLE schema_migrations RENAME checksum TO version", in: place.name)
                try await expect(
                    "not_set_up", "another program's", from: program, place.address)
            }
        }
    }

    @Test func `a password on the command line is warned of, and never shown`() async throws {
        try await withProgram { program, _ in
            let address = "postgres://u:hunter2@127.0.0.1:1/d"
            for command in ["migrate", "doctor", "serve"] {
                let run = try await program.run(command, "--database", address)
                #expect(run.status == .exited(69), "\(run.error)")
                #expect(run.error.contains("warning: a password on the command line"))
                #expect(!(run.output + run.error).contains("hunter2"))
            }
            try address.write(
                toFile: program.path("place"), atomically: false, encoding: .utf8)
            let run = try await program.run("migrate", "--database-file", program.path("place"))
            #expect(run.status == .exited(69) && !run.error.contains("warning"))
            for odd in ["host=h password=hunter2", "postgres://u:hun/ter2@h/hunter2"] {
                let run = try await program.run("migrate", "--database", odd)
                #expect(run.status != .exited(0) && !run.error.contains("ter2"), "\(run.error)")
            }
        }
    }
}
