import DibsData
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
}
