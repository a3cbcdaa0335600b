import DibsData
import DibsTesting
import Testing

@Suite("Relations come with their rows, in one statement each")
struct RelationTests {
    /// Books b0…b5 by pages on two shelves: bn has n copies and the first n readers as authors;
    /// b4 and b5 are sequels of b0; odd ones are lent to r0.
    private func withBooks(
        _ count: Int = 6, on backend: Backend, _ body: (Database) async throws -> Void
    ) async throws {
        try await backend.withLibrary { database in
            try await database.write { tx in
                let shelves = try ["A", "B"].map { try tx.addShelf($0) }
                let readers = try (0..<6).map { number in
                    try tx.insert(Reader.self) { $0.name = "r\(number)" }
                }
                var books: [Book] = []
                for number in 0..<count {
                    let book = try tx.addBook("b\(number)", on: shelves[number % 2]) {
                        $0.pages = number
                        $0.lentTo = number.isMultiple(of: 2) ? nil : readers[0].id
                        $0.sequelOf = number > 3 ? books[0].id : nil
                    }
                    books.append(book)
                    for copy in 0..<(number % 6) {
                        try tx.insert(Copy.self) {
                            $0.bookID = book.id
                            $0.number = copy
                        }
                        try tx.insert(Authorship.self) {
                            $0.bookID = book.id
                            $0.readerID = readers[copy].id
                        }
                    }
                }
            }
            try await body(database)
        }
    }

    @Test(arguments: Backend.all)
    func `to one, to one that may be absent, to many and through`(on backend: Backend) async throws
    {
        try await withBooks(on: backend) { database in
            let rows = try await Book.all.order { $0.pages }
                .with(Book.shelf, Book.reader, Book.copies.order { $0.number }, Book.authors)
                .all(in: database)
            #expect(rows.map(\.1.name) == ["A", "B", "A", "B", "A", "B"])
            #expect(rows.map { $0.2?.name } == [nil, "r0", nil, "r0", nil, "r0"])
            #expect(rows.map { $0.3.map(\.number) } == (0..<6).map { Array(0..<$0) })
            #expect(rows.map { Set($0.4.map(\.name)).count } == [0, 1, 2, 3, 4, 5])
        }
    }

    @Test(arguments: Backend.all)
    func `a filter, an order and a limit for each owner`(on backend: Backend) async throws {
        try await withBooks(on: backend) { database in
            let rows = try await Book.all.order { $0.pages }
                .with(
                    Book.copies.order { $0.number.descending }.limit(2),
                    Book.copies.where { $0.number >= 3 },
                    Book.authors.order { $0.name }.limit(1)
                )
                .all(in: database)
            #expect(
                rows.map { $0.1.map(\.number) } == [[], [0], [1, 0], [2, 1], [3, 2], [4, 3]])
            #expect(rows.map(\.2.count) == [0, 0, 0, 0, 1, 2])
            #expect(rows.map { $0.3.map(\.name) } == [[], ["r0"], ["r0"], ["r0"], ["r0"], ["r0"]])
        }
    }

    @Test(arguments: Backend.all)
    func `nested all the way down, and a row that comes twice has its own twice`(
        on backend: Backend
    ) async throws {
        try await withBooks(on: backend) { database in
            let rows = try await Book.where { $0.pages > 3 }.order { $0.pages.descending }
                .with(
                    Book.original.with(Book.sequels.order { $0.pages }.with(Book.copies)),
                    Book.shelf.with(Shelf.books.order { $0.pages })
                )
                .all(in: database)
            for row in rows {
                let original = try #require(row.1)
                #expect(original.0.title == "b0")
                #expect(original.1.map(\.0.title) == ["b4", "b5"])
                #expect(original.1.map(\.1.count) == [4, 5])
            }
            #expect(rows.map { $0.2.1.map(\.title) } == [["b1", "b3", "b5"], ["b0", "b2", "b4"]])
        }
    }

    /// One owner stands in several rows, between others: each row has its own with its children.
    @Test(arguments: Backend.all)
    func `an owner that comes more than once has its children each time`(
        on backend: Backend
    ) async throws {
        try await withBooks(on: backend) { database in
            let books = try await Book.all.order { $0.pages }
                .with(Book.shelf.with(Shelf.books.order { $0.pages })).all(in: database)
            #expect(books.map(\.1.0.name) == ["A", "B", "A", "B", "A", "B"])
            let (even, odd) = (["b0", "b2", "b4"], ["b1", "b3", "b5"])
            #expect(books.map { $0.1.1.map(\.title) } == [even, odd, even, odd, even, odd])
            let copies = try await Copy.all.order { $0.number }
                .with(Copy.book.with(Book.copies.order { $0.number }, Book.authors))
                .all(in: database)
            #expect(copies.count == 15)
            for (copy, book) in copies {
                #expect(book.0.id == copy.bookID)
                #expect(book.1.map(\.number) == Array(0..<book.0.pages))
                #expect(book.1.allSatisfy { $0.bookID == copy.bookID })
                #expect(book.2.count == book.0.pages)
            }
        }
    }

    @Test(arguments: Backend.all)
    func `the number of statements does not grow with the rows`(on backend: Backend) async throws {
        var counts: [Int] = []
        for size in [10, 1000] {
            try await withBooks(size, on: backend) { database in
                let before = database.statements.count
                let rows = try await Book.all
                    .with(Book.shelf, Book.copies.with(Copy.book.with(Book.reader)), Book.authors)
                    .all(in: database)
                #expect(rows.count == size)
                counts.append(database.statements.count - before)
            }
        }
        #expect(counts == [6, 6])
    }

    @Test(arguments: Backend.all)
    func `no rows have no relations, and take one statement`(on backend: Backend) async throws {
        try await withBooks(on: backend) { database in
            let before = database.statements.count
            let rows = try await Book.where { $0.title == "none" }
                .with(Book.shelf, Book.copies).all(in: database)
            #expect(rows.isEmpty && database.statements.count - before == 1)
        }
    }
}
