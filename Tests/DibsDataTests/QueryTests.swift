import DibsData
import DibsJSON
import DibsTesting
import Foundation
import Testing

@Suite("Predicates mean what they mean in Swift")
struct PredicateTests {
    /// Ten books t0…t9 by pages; even ones shelved, odd ones lost, every third lent to Ada.
    private func withBooks(
        on backend: Backend, _ body: (Database, Reader) async throws -> Void
    ) async throws {
        try await backend.withLibrary { database in
            let ada = try await database.write { tx in
                let shelf = try tx.addShelf()
                let ada = try tx.insert(Reader.self) { $0.name = "Ada" }
                for number in 0..<10 {
                    try tx.addBook("t\(number)", on: shelf) {
                        $0.pages = number
                        $0.state = number.isMultiple(of: 2) ? .shelved : .lost
                        $0.lentTo = number.isMultiple(of: 3) ? ada.id : nil
                    }
                }
                return ada
            }
            try await body(database, ada)
        }
    }

    private func expect(
        _ query: Query<Book>, _ titles: String, in database: Database,
        at place: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await query.order { $0.pages }.all(in: database).map(\.title)
        #expect(found.joined(separator: " ") == titles, sourceLocation: place)
    }

    @Test(arguments: Backend.all)
    func `lines are ands, and the operators are Swift's`(on backend: Backend) async throws {
        try await withBooks(on: backend) { database, ada in
            let and = Book.where {
                $0.state == .shelved
                $0.pages > 3
            }
            try await expect(and, "t4 t6 t8", in: database)
            let or = Book.where { $0.pages == 1 || !($0.pages < 8) }
            try await expect(or, "t1 t8 t9", in: database)
            let raw = Book.where {
                $0.isRare == false
                "length(\(\Book.title)) > \(1)"
                $0.pages >= 9
            }
            try await expect(raw, "t9", in: database)
        }
    }

    @Test(arguments: Backend.all)
    func `sets of any size are one parameter`(on backend: Backend) async throws {
        try await withBooks(on: backend) { database, ada in
            try await expect(Book.where { $0.pages.in([1, 2, 99]) }, "t1 t2", in: database)
            try await expect(Book.where { $0.pages.in([]) }, "", in: database)
            let quoted = Book.where { $0.title.in(["t1", "t\"2", "t'3", "t7"]) }
            try await expect(quoted, "t1 t7", in: database)
            let states = Book.where {
                $0.state.in([.lost, .lent]); $0.pages < 4
            }
            try await expect(states, "t1 t3", in: database)
            let few = try await database.statements.recorded {
                _ = try await Book.where { $0.pages.in([1]) }.all(in: database)
            }
            let many = try await database.statements.recorded {
                _ = try await Book.where { $0.pages.in(0..<1000) }.all(in: database)
            }
            #expect(few.map(\.text) == many.map(\.text))
        }
    }

    @Test(arguments: Backend.all)
    func `nil equals nil and differs from a value`(on backend: Backend) async throws {
        try await withBooks(on: backend) { database, ada in
            let free = Book.where {
                $0.lentTo == nil; $0.pages <= 4
            }
            try await expect(free, "t1 t2 t4", in: database)
            let notHers = Book.where {
                $0.lentTo != ada.id; $0.pages <= 4
            }
            try await expect(notHers, "t1 t2 t4", in: database)
            let nobody: SampleID<Reader>? = nil
            let optional = Book.where {
                if let nobody { $0.lentTo == nobody }
                $0.lentTo == ada.id
            }
            try await expect(optional, "t0 t3 t6 t9", in: database)
        }
    }

    @Test(arguments: Backend.all)
    func `order, limit and count`(on backend: Backend) async throws {
        try await withBooks(on: backend) { database, _ in
            let some = try await Book.all
                .order {
                    $0.state.descending; $0.pages.descending
                }.limit(3).all(in: database)
            #expect(some.map(\.title) == ["t8", "t6", "t4"])
            let count = try await database.read {
                try Book.where { $0.state == .shelved }.count(in: $0)
            }
            #expect(count == 5)
        }
    }

    @Test(arguments: Backend.all)
    func `pages follow each other without a gap, whatever comes and goes`(
        on backend: Backend
    ) async throws {
        try await withBooks(on: backend) { database, _ in
            let query = Book.all.order {
                $0.state; $0.weight.descending
            }
            var seen: [Book] = []
            var cursor: String?
            repeat {
                let after = cursor
                let page = try await database.read {
                    try query.page(after: after, limit: 3, in: $0)
                }
                seen += page.items
                cursor = page.next
            } while cursor != nil
            #expect(seen.count == 10 && Set(seen.map(\.id)).count == 10)
            #expect(seen.map(\.state.rawValue) == seen.map(\.state.rawValue).sorted())
            let first = try await database.read { try query.page(after: nil, limit: 3, in: $0) }
            for wrong in ["", "x", "bm90", String(first.next?.dropLast(3) ?? "")] {
                let error = try await failure(as: DataError.self) {
                    try await database.read { try query.page(after: wrong, limit: 3, in: $0) }
                }
                #expect(error?.code == .badCursor)
            }
            // Of the same types, so that nothing but the list's own mark can tell.
            let others: [@Sendable (Columns<Book>) -> [Order<Book>]] = [
                { [$0.state.descending, $0.weight.descending] },
                { [$0.title.ascending, $0.weight.ascending] },
            ]
            for order in others {
                let other = try await failure(as: DataError.self) {
                    try await database.read {
                        try Book.all.order(by: order).page(after: first.next, limit: 3, in: $0)
                    }
                }
                #expect(other?.code == .badCursor, "a cursor of another order")
            }
        }
    }
}

@Suite("Writes change what they say and nothing else")
struct WriteTests {
    @Test(arguments: Backend.all)
    func `an update gives back the rows as they are now`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let (one, changed) = try await database.write { tx in
                let shelf = try tx.addShelf()
                let one = try tx.addBook("one", on: shelf)
                try tx.addBook("two", on: shelf)
                let changed = try tx.update(Book.self) {
                    $0.title = "said twice, the last one counts"
                    $0.title = "uno"
                    $0.increment(\.pages, by: 7)
                    $0.price = nil
                } where: {
                    $0.id == one.id
                }
                return (one, changed)
            }
            #expect(changed.map(\.title) == ["uno"] && changed.map(\.pages) == [7])
            let none = try await database.write { tx in
                try tx.update(Book.self) { _ in
                } where: {
                    $0.id == one.id
                }
            }
            #expect(none == changed, "a change of nothing reads")
            let gone = try await database.write { try $0.delete(from: Book.self) { $0.pages == 7 } }
            #expect(gone == 1)
        }
    }

    @Test(arguments: Backend.all)
    func `an upsert inserts once and changes after`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            for title in ["one", "two"] {
                let shelf = try await database.write { tx in
                    try tx.upsert(Shelf.self, onConflict: [\.name]) {
                        $0.name = "A"
                        $0.createdAt = Date(milliseconds: title == "one" ? 1000 : 2000)
                    }
                }
                #expect(shelf.createdAt == Date(milliseconds: title == "one" ? 1000 : 2000))
            }
            #expect(try await database.read { try Shelf.all.count(in: $0) } == 1)
        }
    }

    @Test(arguments: Backend.all)
    func `a command takes its values when it runs`(on backend: Backend) async throws {
        let rename = Command { (id: Slot<SampleID<Shelf>>, name: Slot<String>) in
            """
            UPDATE shelves SET name = \(name)
            WHERE \(\Shelf.id) = \(id) AND \(\Shelf.name) <> \(name) AND length(name) < \(100)
            """
        }
        try await backend.withLibrary { database in
            let changed = try await database.write { tx in
                let shelf = try tx.addShelf()
                return try tx.run(rename, shelf.id, "B") + tx.run(rename, shelf.id, "B")
            }
            #expect(changed == 1)
        }
    }
}
