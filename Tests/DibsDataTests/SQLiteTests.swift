import DibsData
import DibsSQLite
import DibsTesting
import Foundation
import Testing

@Suite("SQLite keeps what it has acknowledged")
struct SQLiteTests {
    @Test func `the writer syncs every commit, in WAL, with foreign keys`() async throws {
        try await Backend.sqlite.withLibrary { database in
            let found = try await database.write { tx in
                [
                    try tx.rows("PRAGMA synchronous", as: Int.self),
                    try tx.rows("PRAGMA foreign_keys", as: Int.self),
                    try tx.rows("PRAGMA busy_timeout", as: Int.self),
                ]
            }
            #expect(found == [[2], [1], [5000]], "FULL is 2")
            let mode = try await database.write {
                try $0.rows("PRAGMA journal_mode", as: String.self)
            }
            #expect(mode == ["wal"])
        }
    }

    @Test func `two connections to one file wait for each other and lose nothing`() async throws {
        try await Backend.sqlite.withPlace { place in
            let databases = (0..<2).map { _ in Database { try await place.open() } }
            try await databases[0].migrate([Library.migration])
            try await withThrowingTaskGroup { group in
                for number in 0..<100 {
                    group.addTask {
                        _ = try await databases[number % 2].write { try $0.addShelf("\(number)") }
                    }
                }
                for try await _ in group {}
            }
            for database in databases {
                #expect(try await database.read { try Shelf.all.count(in: $0) } == 100)
                await database.close()
            }
        }
    }

    /// SQLite ends the whole transaction then, so the group is written again one by one.
    @Test func `with a full disk only the write that finds no room is refused`() async throws {
        try await Backend.sqlite.withLibrary { database in
            try await database.write { tx in
                let pages = try tx.rows("PRAGMA page_count", as: Int.self).first ?? 0
                try tx.script("PRAGMA max_page_count = \(pages + 8)")
            }
            let long = String(repeating: "x", count: 1 << 20)
            try await withThrowingTaskGroup(of: DataError.Code?.self) { group in
                for number in 0..<9 {
                    let name = number == 4 ? long : "\(number)"
                    group.addTask {
                        try await failure(as: DataError.self) {
                            _ = try await database.write { try $0.addShelf(name) }
                        }?.code
                    }
                }
                var codes: [DataError.Code] = []
                for try await code in group { codes += [code].compactMap(\.self) }
                #expect(codes == [.full])
            }
            #expect(try await database.read { try Shelf.all.count(in: $0) } == 8)
        }
    }

    @Test func `a file that cannot be opened is said to be so`() async throws {
        let missing = try await failure(as: DataError.self) {
            try await SQLiteEngine.open(path: "/nowhere/at/all.sqlite")
        }
        #expect(missing?.code == .open && missing?.message.contains("/nowhere/at/all") == true)
        let folder = FileManager.default.temporaryDirectory
        let path = folder.appending(path: "dibs-\(UUID().uuidString)").path(percentEncoded: false)
        try Data("this is no database, however long it is".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let text = try await failure(as: DataError.self) { try await SQLiteEngine.open(path: path) }
        #expect(text?.code == .open)
    }

    @Test func `a file that is damaged is said to be so, and not a fault of ours`() async throws {
        try await Backend.sqlite.withPlace { place in
            let database = Database { try await place.open() }
            try await database.migrate([Library.migration])
            try await database.write { tx in
                for number in 0..<500 { _ = try tx.addShelf("\(number)") }
            }
            await database.close()
            let file = try FileHandle(forWritingTo: URL(filePath: place.address))
            try file.seek(toOffset: 4096)
            try file.write(contentsOf: Data(repeating: 0x5A, count: 8 * 4096))
            try file.close()
            let error = try await failure(as: DataError.self) {
                _ = try await database.read { try Shelf.all.all(in: $0) }
            }
            #expect(error?.code == .damaged, "\(String(describing: error))")
            await database.close()
        }
    }

    @Test func `a file of another program is left alone`() async throws {
        try await Backend.sqlite.withDatabase { database in
            try await database.write { try $0.script("CREATE TABLE bookmarks (url TEXT) STRICT") }
            let error = try await failure(as: DataError.self) {
                try await database.migrate([Library.migration])
            }
            #expect(error?.code == .foreign)
            let tables = try await database.read {
                try $0.rows("SELECT name FROM sqlite_schema", as: String.self)
            }
            #expect(tables == ["bookmarks"])
        }
    }

    @Test func `without leave to make one a file that is missing or empty stays so`() async throws {
        let folder = FileManager.default.temporaryDirectory
        let path = folder.appending(path: "dibs-\(UUID().uuidString)").path(percentEncoded: false)
        func code() async throws -> DataError.Code? {
            try await failure(as: DataError.self) {
                try await SQLiteEngine.open(path: path, for: .change)
            }?.code
        }
        #expect(try await code() == .absent)
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try await code() == .absent)
        #expect(PrivateFile(path).size == 0)
    }

    @Test func `the file and those beside it are their owner's alone, through a link too`()
        async throws
    {
        try await Backend.sqlite.withPlace { place in
            let link = place.address + ".link"
            #expect(FileManager.default.createFile(atPath: place.address, contents: nil))
            #expect(chmod(place.address, 0o666) == 0)
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: place.address)
            let database = Database { try await SQLiteEngine.open(path: link) }
            try await database.migrate([Library.migration])
            let files = SQLiteEngine.files(of: link)
            #expect(files.map(\.mode) == [0o600, 0o600, 0o600, nil])
            #expect(files.first?.path == PrivateFile(place.address).resolved.path)
            await database.close()
        }
    }
}
