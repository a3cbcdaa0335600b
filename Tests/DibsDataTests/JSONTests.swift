import DibsData
import DibsJSON
import DibsTesting
import Testing

@Suite("JSON in the database")
struct JSONColumnTests {
    private func withBook(
        on backend: Backend, notes: JSON = [:],
        _ body: (Database, Book) async throws -> Void
    ) async throws {
        try await backend.withLibrary { database in
            let book = try await database.write { tx in
                try tx.addBook("b", on: tx.addShelf()) {
                    $0.notes = notes
                    $0.blurb = Blurb(text: "\"Quoted\"/\u{1F600}", tags: ["a"])
                    $0.marks = ["first"]
                }
            }
            try await body(database, book)
        }
    }

    @Test(arguments: Backend.all)
    func `typed and free values come back as they were`(on backend: Backend) async throws {
        let notes: JSON = ["a": [1, true, nil, "x"], "b": ["c": "d"]]
        try await withBook(on: backend, notes: notes) { database, book in
            #expect(book.notes == notes)
            #expect(book.blurb == Blurb(text: "\"Quoted\"/\u{1F600}", tags: ["a"]))
        }
    }

    @Test(arguments: Backend.all)
    func `a number keeps its digits`(on backend: Backend) async throws {
        let notes = try JSON.parse(#"{"n":12345678901234567890.123456789,"x":1e2,"y":1.0}"#)
        try await withBook(on: backend, notes: notes) { database, book in
            #expect(
                book.notes.canonicalText == #"{"n":12345678901234567890.123456789,"x":100,"y":1}"#)
        }
    }

    @Test(arguments: Backend.all)
    func `an append happens in the database, and none is lost`(on backend: Backend) async throws {
        try await withBook(on: backend) { database, book in
            try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        try await database.write { tx in
                            try tx.update(Book.self) {
                                $0.append("m\(number)", to: \.marks)
                            } where: {
                                $0.id == book.id
                            }
                        }
                    }
                }
                for try await _ in group {}
            }
            let marks = try await Book.all.first(in: database)?.marks.elements ?? []
            #expect(marks.first == "first")
            #expect(Set(marks.dropFirst()) == Set((0..<20).map { "m\($0)" }) && marks.count == 21)
        }
    }

    static let patches: [(JSON, JSON, JSON)] = [
        (["a": "b"], ["a": "c"], ["a": "c"]),
        (["a": "b"], ["b": "c"], ["a": "b", "b": "c"]),
        (["a": "b", "b": "c"], ["a": nil], ["b": "c"]),
        (["a": ["b"]], ["a": "c"], ["a": "c"]),
        (["a": ["b": "c"]], ["a": ["b": "d", "c": nil]], ["a": ["b": "d"]]),
        (["a": [["b": "c"]]], ["a": [1]], ["a": [1]]),
        (["e": nil], ["a": 1], ["e": nil, "a": 1]),
        ([:], ["a": ["bb": ["ccc": nil]]], ["a": ["bb": [:]]]),
    ]

    @Test(arguments: Backend.all)
    func `a merge is RFC 7396's, by its own examples`(on backend: Backend) async throws {
        for (before, patch, after) in Self.patches {
            try await withBook(on: backend, notes: before) { database, book in
                let merged = try await database.write { tx in
                    try tx.update(Book.self) {
                        $0.merge(patch, into: \.notes)
                    } where: {
                        $0.id == book.id
                    }
                }
                #expect(merged.first?.notes == after)
            }
        }
    }

    @Test(arguments: Backend.all)
    func `a path finds by value and by type`(on backend: Backend) async throws {
        let notes: JSON = [
            "repo": ["branch": "main", "n": 4], "odd 'key'": "x", "yes": true, "gone": nil,
        ]
        try await withBook(on: backend, notes: notes) { database, _ in
            let queries = [
                Book.where { $0.notes["repo"]["branch"] == "main" },
                Book.where { $0.notes["repo"]["n"] == 4 },
                Book.where { $0.notes["repo"]["n"] == "4" },
                Book.where { $0.notes["odd 'key'"] == "x" },
                Book.where { $0.notes["nope"]["n"].isNil },
                Book.where { $0.notes["gone"].isNil },
                Book.where { $0.notes["repo"].isNil },
            ]
            let counts = try await database.read { snapshot in
                try queries.map { try $0.count(in: snapshot) }
            }
            #expect(counts == [1, 1, 0, 1, 1, 1, 0])
        }
    }
}
