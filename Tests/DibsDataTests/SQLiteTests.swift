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
}
