import DibsData
import DibsJSON
import DibsTesting
import Testing

@Suite("A relation that is filtered leaves out, and gives nobody another's rows")
struct FilteredRelationTests {
    @Test(arguments: Backend.all)
    func `an owner whose row is left out has none`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let loaded = try await database.write { tx in
                let shelf = try tx.addShelf()
                let names = ["ada", "bob"]
                let readers = try names.map { name in
                    try tx.insert(Reader.self) { $0.name = name }
                }
                for (index, reader) in readers.enumerated() {
                    try tx.addBook("lent to \(reader.name)", on: shelf) {
                        $0.lentTo = reader.id
                        $0.pages = index
                    }
                }
                let books = try Book.all.order { $0.pages }.all(in: tx)
                return try Book.reader.where { $0.name == "ada" }.load(for: books, in: tx)
            }
            #expect(loaded.map { $0?.name } == ["ada", nil])
        }
    }

    @Test(arguments: Backend.all)
    func `a column that is left out comes as its default, with a limit and without`(
        on backend: Backend
    ) async throws {
        try await backend.withLibrary { database in
            let (shelf, book) = try await database.write { tx in
                let shelf = try tx.addShelf()
                let book = try tx.addBook("one", on: shelf) {
                    $0.marks = ["a"]
                    $0.pages = 7
                }
                _ = try tx.insert(Copy.self) {
                    $0.bookID = book.id
                    $0.number = 1
                }
                return (shelf, book)
            }
            #expect(book.marks.elements == ["a"])
            let found = try await database.read { snapshot in
                let books = Shelf.books.leavingOut(\.marks).leavingOut(\.blurb)
                let copies = try Copy.all.all(in: snapshot)
                return try books.load(for: [shelf], in: snapshot)[0]
                    + books.limit(1).load(for: [shelf], in: snapshot)[0]
                    + Copy.book.leavingOut(\.marks).load(for: copies, in: snapshot)
            }
            #expect(found.count == 3)
            for one in found {
                #expect(one.marks.elements.isEmpty && one.pages == 7 && one.id == book.id)
            }
        }
    }
}
