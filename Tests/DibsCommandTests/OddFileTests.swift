import DibsData
import DibsSQLite
import DibsTesting
import Foundation
import Subprocess
import Testing

@Suite("A file that is not to be written to keeps every byte", .timeLimit(.minutes(5)))
struct OddFileTests {
    /// Files that no command may take for a database of its own, and the code that each is told.
    private static let foreign: [(name: String, make: @Sendable (String) async throws -> Void)] = [
        ("another program's", { try await file(at: $0, "CREATE TABLE moz_places (url TEXT)") }),
        (
            "another program's, in WAL mode",
            { try await file(at: $0, "CREATE TABLE grdb (x)", isInWAL: true) }
        ),
        ("marked by another program", { try await file(at: $0, "PRAGMA application_id = 7") }),
        (
            "made by another program's first step",
            { try await file(at: $0, "PRAGMA user_version = 1") }
        ),
        (
            "a newer Dibs's",
            {
                try await file(
                    at: $0,
                    """
                    CREATE TABLE schema_migrations (name TEXT PRIMARY KEY NOT NULL,
                        checksum INTEGER NOT NULL, ran_at TEXT) STRICT;
                    INSERT INTO schema_migrations (name, checksum) VALUES ('0001_later', 1)
                    """)
            }
        ),
        (
            "a text",
            { path in
                let text = String(repeating: "this is no database\n", count: 100)
                try Data(text.utf8).write(to: URL(filePath: path))
            }
        ),
        (
            "a folder",
            {
                try FileManager.default.createDirectory(
                    atPath: $0, withIntermediateDirectories: false)
            }
        ),
    ]

    private static let commands = [
        ["serve", "--port", "0"], ["migrate"], ["migrate", "--check"], ["doctor"], ["admin-key"],
    ]

    @Test(arguments: foreign.map(\.name))
    func `what is not ours is refused before it is touched`(name: String) async throws {
        let make = try #require(Self.foreign.first { $0.name == name }).make
        try await withProgram { program, folder in
            let path = program.path("a b%20?#.sqlite")
            try await make(path)
            chmod(path, 0o755)
            let before = try files(in: folder)
            for command in Self.commands {
                let run = try await program.run(command + ["--database", "sqlite:" + path])
                #expect(run.status == .exited(9) || run.status == .exited(69), "\(command): \(run)")
                #expect(run.error.contains("hint:") && !run.error.contains("fault of Dibs"))
                #expect(try files(in: folder) == before, "\(command)")
            }
        }
    }

    @Test func `an empty file stays empty until a server takes it`() async throws {
        try await withProgram { program, folder in
            let path = program.path("a.sqlite")
            #expect(FileManager.default.createFile(atPath: path, contents: nil))
            let before = try files(in: folder)
            for command in Self.commands.dropFirst(2) {
                let run = try await program.run(command + ["--database", "sqlite:" + path])
                #expect(run.status == .exited(9), "\(command): \(run)")
                #expect(try files(in: folder) == before, "\(command)")
            }
        }
    }

    /// The second is what `VACUUM INTO` leaves, the third what a killed server leaves, and the
    /// fourth what a copy of both files is.
    @Test(arguments: ["stopped", "in rollback mode", "killed", "copied"])
    func `who only looks changes nothing of a Dibs either`(kind: String) async throws {
        try await withProgram { program, folder in
            let (made, path) = (program.path("made.sqlite"), program.path("a.sqlite"))
            try await program.serve("made.sqlite")
            if kind == "killed" || kind == "copied" {
                let open = Database { try await SQLiteEngine.open(path: made) }
                try await open.write {
                    try $0.script("UPDATE accounts SET name = 'only in the log'")
                }
                for end in kind == "killed" ? ["", "-wal", "-shm"] : ["", "-wal"] {
                    try FileManager.default.copyItem(atPath: made + end, toPath: path + end)
                }
                await open.close()
            } else {
                try FileManager.default.copyItem(atPath: made, toPath: path)
                if kind == "in rollback mode" { try Self.leaveWAL(path) }
            }
            try FileManager.default.copyItem(
                atPath: made + ".secret", toPath: path + ".secret")
            let before = try files(in: folder)
            for command in [["doctor"], ["migrate", "--check"]] {
                let run = try await program.run(command + ["--database", "sqlite:" + path])
                #expect(run.status == .exited(0), "\(command): \(run)")
                // The index of a log that came without one has to be made.
                let after = try files(in: folder).filter {
                    kind != "copied" || $0.key != "a.sqlite-shm"
                }
                #expect(after == before, "\(command)")
            }
        }
    }

    @Test func `who looks reads what is in the log, and may write nothing`() async throws {
        try await Backend.sqlite.withPlace { place in
            let open = Database { try await place.open() }
            let looking = Database { try await SQLiteEngine.open(path: place.address, for: .look) }
            func rows() async throws -> [Int] {
                try await looking.read { try $0.rows("SELECT x FROM t", as: Int.self) }
            }
            try await open.write { try $0.script("CREATE TABLE t (x INTEGER) STRICT") }
            #expect(try await rows() == [])
            try await open.write { try $0.script("INSERT INTO t VALUES (1)") }
            #expect(try await rows() == [1])
            let refused = try await failure(as: DataError.self) {
                try await looking.write { try $0.script("INSERT INTO t VALUES (2)") }
            }
            #expect(refused?.code == .denied)
            await looking.close()
            await open.close()
        }
    }

    @Test func `a file that changes while it is looked at is not answered for`() async throws {
        try await Backend.sqlite.withPlace { place in
            let open = Database { try await place.open() }
            try await open.write { try $0.script("CREATE TABLE t (x INTEGER) STRICT") }
            await open.close()
            let looking = Database { try await SQLiteEngine.open(path: place.address, for: .look) }
            func rows() async throws -> [Int] {
                try await looking.read { try $0.rows("SELECT x FROM t", as: Int.self) }
            }
            #expect(try await rows() == [])
            try await open.write { try $0.script("INSERT INTO t VALUES (1)") }
            await open.close()
            #expect(
                try await failure(as: DataError.self) { try await rows() }?.code == .unavailable)
            await looking.close()
        }
    }

    private static func file(at path: String, _ sql: String, isInWAL: Bool = false) async throws {
        let database = Database { try await SQLiteEngine.open(path: path) }
        try await database.write { try $0.script(sql) }
        await database.close()
        if !isInWAL { try leaveWAL(path) }
    }

    /// Writes the two bytes of the header that say a closed file is in WAL mode.
    private static func leaveWAL(_ path: String) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: 18)
        try file.write(contentsOf: [1, 1] as [UInt8])
        try file.close()
    }

    /// Contents and modes of everything in a folder, by name.
    private func files(in folder: URL) throws -> [String: String] {
        let path = folder.path(percentEncoded: false)
        let names = try FileManager.default.contentsOfDirectory(atPath: path)
        return Dictionary(
            uniqueKeysWithValues: names.map { name in
                let place = path + "/" + name
                let bytes = FileManager.default.contents(atPath: place)?.base64EncodedString()
                return (name, "\(PrivateFile(place).mode ?? 0) \(bytes ?? "no file")")
            })
    }
}
