import DibsData
import DibsJSON
import DibsTesting
import Foundation
import Testing

@Suite("Cursors and rows that nobody here wrote are refused, on both engines the same")
struct OutsideTests {
    private func cursor(of parts: [JSON]) -> String {
        Cursor.text(of: JSON.array(parts).canonicalBytes)
    }

    /// A good cursor's parts, by an order of a time, a float and a whole number.
    private func parts(of query: Query<Book>, in database: Database) async throws -> [JSON] {
        let page = try await database.read { try query.page(after: nil, limit: 1, in: $0) }
        let cursor = try #require(page.next)
        let bytes = try #require(Cursor.bytes(of: cursor))
        guard case .array(let parts) = try JSON.parse(bytes) else { return [] }
        return parts
    }

    private func code(
        of cursor: String, _ query: Query<Book>, in database: Database
    ) async throws -> DataError.Code? {
        try await failure(as: DataError.self) {
            _ = try await database.read { try query.page(after: cursor, limit: 1, in: $0) }
        }?.code
    }

    @Test(arguments: Backend.all)
    func `a cursor's places are in the range of their columns`(on backend: Backend) async throws {
        try await backend.withLibrary { database in
            try await database.write { tx in
                let shelf = try tx.addShelf()
                for title in ["a", "b"] { try tx.addBook(title, on: shelf) }
            }
            let query = Book.all.order {
                $0.createdAt; $0.weight; $0.pages; $0.title
            }
            let good = try await parts(of: query, in: database)
            try #require(good.count == 6)
            let wrong: [(Int, [String])] = [
                (0, ["", "books"]),
                (
                    1,
                    [
                        "-9223372036854775808", "9223372036854775807", "-9222425352054775809",
                        "253402300800000000", "-62135596800001000", "1e3", "", "x", " 1",
                    ]
                ),
                (2, ["nan", "inf", "-inf", "1e999", "", "x"]),
                (3, ["9223372036854775808", "1.0", "", "x"]),
                (5, ["", "x", "0b9ab0ad3f0d4c2e9c4c0d5a4a4f6d11"]),
            ]
            for (place, texts) in wrong {
                for text in texts {
                    var parts = good
                    parts[place] = .string(text)
                    let code = try await code(of: cursor(of: parts), query, in: database)
                    #expect(code == .badCursor, "\(place): \(text)")
                }
            }
            for text in ["0", "-62135596800000000", "253402300799999999"] {
                var parts = good
                parts[1] = .string(text)
                #expect(try await code(of: cursor(of: parts), query, in: database) == nil)
            }
            var ends = good
            (ends[2], ends[3]) = ("-1.7976931348623157e308", .string("\(Int.min)"))
            #expect(try await code(of: cursor(of: ends), query, in: database) == nil)
            var long = good
            long[4] = .string(String(repeating: "x", count: 2000))
            #expect(try await code(of: cursor(of: long), query, in: database) == .badCursor)
        }
    }

    @Test(arguments: Backend.all)
    func `a time out of range in a row is an error`(on backend: Backend) async throws {
        let microseconds: [Int64] = [
            .min, .max, .max - 1, .min + 1, 253_402_300_800_000_000, -62_135_596_800_001_000,
        ]
        let dates = ["infinity", "-infinity", "294276-12-31", "10000-01-01", "4713-01-01 BC"]
        let values = backend == .sqlite ? microseconds.map { "\($0)" } : dates
        try await backend.withLibrary { database in
            for value in values {
                let error = try await failure(as: DataError.self) {
                    _ = try await database.read { snapshot in
                        try snapshot.rows(
                            """
                            SELECT \(
                                sqlite: "CAST(\(value) AS INTEGER)",
                                postgres: "\(value)::timestamptz")
                            """, as: Date.self)
                    }
                }
                #expect(error?.code == .overflow, "\(value)")
            }
        }
    }

    @Test(arguments: Backend.all)
    func `a time that was computed past the range is written as its end`(
        on backend: Backend
    ) async throws {
        try await backend.withLibrary { database in
            for time in [1e300, -1e300, Double.infinity] {
                let date = Date(timeIntervalSinceReferenceDate: time)
                let found = try await database.read { try $0.rows("SELECT \(date)", as: Date.self) }
                #expect(found == [date.wholeMilliseconds])
            }
        }
    }
}
