import DibsData
import DibsJSON
import DibsTesting
import Foundation
import Testing

@Suite("What goes in comes out")
struct ValueTests {
    @Test(arguments: Backend.all)
    func `the database makes the defaults, and an insert gives them back`(
        on backend: Backend
    ) async throws {
        try await backend.withLibrary { database in
            let before = Date.now
            let (shelf, book) = try await database.write { tx in
                let shelf = try tx.addShelf()
                return (shelf, try tx.addBook("Über ☂️", on: shelf))
            }
            #expect(book.state == .shelved && book.pages == 0 && book.price == nil)
            #expect(book.title == "Über ☂️" && book.weight == 0.5 && !book.isRare)
            #expect(abs(shelf.createdAt.timeIntervalSince(before)) < 5)
            #expect(shelf.createdAt == Date(milliseconds: shelf.createdAt.milliseconds))
            #expect(try await Book.where { $0.id == book.id }.first(in: database) == book)
        }
    }

    @Test(arguments: Backend.all)
    func `ids are random version 4 UUIDs made by the database`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let ids = try await database.write { tx in
                try (0..<200).map { try tx.addShelf("\($0)").id.uuid.uuid }
            }
            #expect(ids.allSatisfy { $0.6 >> 4 == 4 && $0.8 >> 6 == 2 })
            #expect(Set(ids.map { "\($0)" }).count == 200)
            #expect(Set(ids.map(\.8)).count > 30, "the variant's byte varies")
        }
    }

    @Test(arguments: Backend.all)
    func `random decimals and times are the same after a round trip`(
        on backend: Backend
    ) async throws {
        try await backend.withLibrary { database in
            for _ in 0..<200 {
                let nanos = Int64.random(in: -8_999_999_999_999_999_999...8_999_999_999_999_999_999)
                let moment = Date(milliseconds: .random(in: -2_000_000_000_000...4_000_000_000_000))
                let found = try await database.read { snapshot in
                    try snapshot.rows(
                        "SELECT \(Amount(nanos: nanos)), \(moment)", as: Amount.self, Date.self)
                }
                #expect(found.first?.0.nanos == nanos && found.first?.1 == moment)
            }
        }
    }

    @Test(arguments: Backend.all)
    func `empty texts and bytes are no nulls`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let found = try await database.read { snapshot in
                try snapshot.rows(
                    "SELECT \(""), \([UInt8]()), \(nil as String?), \(Int.min), \(1.5)",
                    as: String.self, [UInt8].self, String?.self, Int.self, Double.self)
            }
            let row = try #require(found.first)
            #expect(row.0 == "" && row.1 == [] && row.2 == nil && row.3 == .min && row.4 == 1.5)
        }
    }

    @Test(arguments: Backend.all)
    func `a column is read only as what it is`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let wrong = try await failure(as: DataError.self) {
                try await database.read { try $0.rows("SELECT \("text")", as: Int.self) }
            }
            #expect(wrong?.code == .mismatch)
            let null = try await failure(as: DataError.self) {
                try await database.read { try $0.rows("SELECT \(nil as Int?)", as: Int.self) }
            }
            #expect(null?.code == .mismatch)
        }
    }

    @Test(arguments: Backend.all)
    func `a constraint that refuses is named`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let shelf = try await database.write { try $0.addShelf("twice") }
            let twice = try await failure(as: DataError.self) {
                try await database.write { try $0.addShelf("twice") }
            }
            #expect(twice?.code == .constraint)
            #expect(["shelves.name", "shelves_name_key"].contains(twice?.constraint))
            let state = try await failure(as: DataError.self) {
                try await database.write { tx in
                    let book = try tx.addBook("b", on: shelf)
                    try tx.execute("UPDATE books SET state = 'eaten' WHERE id = \(book.id)")
                }
            }
            #expect(state?.code == .constraint)
        }
    }
}

@Suite("Decimals are exact, and the database does the arithmetic")
struct DecimalTests {
    private func prices(_ nanos: [Int64], in database: Database) async throws {
        try await database.write { tx in
            let shelf = try tx.addShelf()
            for (index, nanos) in nanos.enumerated() {
                try tx.addBook("\(index)", on: shelf) { $0.price = Amount(nanos: nanos) }
            }
        }
    }

    private func sum(in database: Database) async throws -> Int64? {
        let found = try await database.read {
            try $0.rows("SELECT sum(price) FROM books", as: Amount?.self)
        }
        return found.first.flatMap(\.self)?.nanos
    }

    @Test(arguments: Backend.all)
    func `a billionth and a billion are both in their sum`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            try await prices([1, 1_000_000_000_000_000_000], in: database)
            #expect(try await sum(in: database) == 1_000_000_000_000_000_001)
        }
    }

    @Test(arguments: Backend.all)
    func `0.1 and 0.2 are 0.3, and the database says so`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            try await prices([100_000_000, 200_000_000], in: database)
            let equal = try await database.read {
                try $0.rows(
                    "SELECT sum(price) = \(Amount(nanos: 300_000_000)) FROM books", as: Bool.self)
            }
            #expect(equal == [true])
        }
    }

    @Test(arguments: Backend.all)
    func `decimals compare, sort and group by value`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            try await prices([-1, 10_000_000_000, 9_000_000_000, 2, 2], in: database)
            let some = try await Book.where { $0.price > Amount(nanos: 1) }
                .order { $0.price.descending }.all(in: database)
            #expect(some.map { $0.price?.nanos } == [10_000_000_000, 9_000_000_000, 2, 2])
            let groups = try await database.read {
                try $0.rows(
                    "SELECT price, count(*) FROM books GROUP BY price ORDER BY price",
                    as: Amount.self, Int.self)
            }
            #expect(groups.map(\.1) == [1, 2, 1, 1])
        }
    }

    @Test(arguments: Backend.all)
    func `what is out of range is an error and never a float`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            let tooMuch = try await failure(as: DataError.self) {
                try await prices([9_000_000_000_000_000_000], in: database)
            }
            #expect(tooMuch?.code == .constraint)
            try await prices([8_999_999_999_999_999_999, 8_999_999_999_999_999_999], in: database)
            let overflow = try await failure(as: DataError.self) { try await sum(in: database) }
            #expect(overflow?.code == .overflow || overflow?.code == .mismatch)
        }
    }
}
