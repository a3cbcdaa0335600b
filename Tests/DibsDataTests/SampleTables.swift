import DibsData
import DibsJSON
import Foundation

// A small library: shelves hold books, books have authors and copies, and are lent.

struct SampleID<Record>: Hashable, Sendable, Key, Comparable {
    let uuid: UUID
    static var kind: SQLKind { .uuid }
    var binding: SQLBinding { .uuid(uuid) }
    init(_ uuid: UUID) { self.uuid = uuid }
    init(from row: inout RowReader) throws { uuid = try row.source.uuid(row.advance()) }
    static func < (a: Self, b: Self) -> Bool { a.uuid.uuidString < b.uuid.uuidString }
}

/// An exact decimal as a count of 10⁻⁹.
struct Amount: Hashable, Sendable, SQLValue, Comparable {
    let nanos: Int64
    static var kind: SQLKind { .decimal }
    var binding: SQLBinding { .decimal(nanos: nanos) }
    init(nanos: Int64) { self.nanos = nanos }
    init(from row: inout RowReader) throws { nanos = try row.source.nanos(row.advance()) }
    static func < (a: Self, b: Self) -> Bool { a.nanos < b.nanos }
}

enum BookState: String, SQLValue, CaseIterable { case shelved, lent, lost }

struct Blurb: JSONColumn, Hashable {
    var text: String
    var tags: [String]
}

struct Shelf: Entity, Hashable {
    let id: SampleID<Shelf>
    var name: String
    var createdAt: Date

    static let table = Table<Shelf>(
        "shelves",
        Column("id", \.id, default: .random),
        Column("name", \.name, check: "length(name) > 0", unique: true),
        Column("created_at", \.createdAt, default: .now),
        make: Shelf.init)
    static let books = many(\Book.shelfID)
}

struct Reader: Entity, Hashable {
    let id: SampleID<Reader>
    var name: String

    static let table = Table<Reader>(
        "readers", Column("id", \.id, default: .random), Column("name", \.name), make: Reader.init)
}

struct Book: Entity, Hashable {
    let id: SampleID<Book>
    var shelfID: SampleID<Shelf>
    var sequelOf: SampleID<Book>?
    var lentTo: SampleID<Reader>?
    var title: String
    var pages: Int
    var state: BookState
    var price: Amount?
    var blurb: Blurb?
    var notes: JSON
    var marks: JSONList<String>
    var isRare: Bool
    var weight: Double
    var cover: [UInt8]
    var createdAt: Date

    static let table = Table<Book>(
        "books",
        Column("id", \.id, default: .random),
        Column("shelf_id", \.shelfID, onDelete: "CASCADE"),
        Column("sequel_of", \.sequelOf),
        Column("lent_to", \.lentTo),
        Column("title", \.title),
        Column("pages", \.pages, default: .value(0), check: "pages >= 0"),
        Column("state", \.state, default: .value(.shelved)),
        Column("price", \.price),
        Column("blurb", \.blurb),
        Column("notes", \.notes, default: .value([:])),
        Column("marks", \.marks, default: .value([])),
        Column("is_rare", \.isRare, default: .value(false)),
        Column("weight", \.weight, default: .value(0.5)),
        Column("cover", \.cover),
        Column("created_at", \.createdAt, default: .now),
        make: Book.init,
        indexes: [
            Index("books_pages_idx") {
                $0.pages; $0.id
            } where: {
                $0.state == .shelved
            },
            Index("books_shelf_idx") { $0.shelfID },
        ])
    static let shelf = one(\.shelfID)
    static let reader = one(\.lentTo)
    static let original = one(\.sequelOf)
    static let sequels = many(\Book.sequelOf)
    static let copies = many(\Copy.bookID)
    static let authors = many(through: \Authorship.bookID, \.readerID)
}

struct Copy: Entity, Hashable {
    let id: SampleID<Copy>
    var bookID: SampleID<Book>
    var number: Int
    static let table = Table<Copy>(
        "copies", Column("id", \.id, default: .random), Column("book_id", \.bookID),
        Column("number", \.number), make: Copy.init)
    static let book = one(\.bookID)
}

struct Authorship: TableRecord, Hashable {
    var bookID: SampleID<Book>
    var readerID: SampleID<Reader>
    static let table = Table<Authorship>(
        "authorships", Column("book_id", \.bookID, primaryKey: true),
        Column("reader_id", \.readerID, primaryKey: true), make: Authorship.init)
}

enum Library {
    static let tables = [
        AnyTable(Shelf.table), AnyTable(Reader.table), AnyTable(Book.table), AnyTable(Copy.table),
        AnyTable(Authorship.table),
    ]

    static let migration = Migration(
        "0001_library",
        sqlite: tables.flatMap { $0.ddl(.sqlite) }.joined(separator: ";\n"),
        postgres: tables.flatMap { $0.ddl(.postgres) }.joined(separator: ";\n"))
}

extension Transaction {
    /// A book with what it cannot do without.
    @discardableResult
    func addBook(
        _ title: String, on shelf: Shelf, _ change: (inout Changes<Book>) -> Void = { _ in }
    ) throws -> Book {
        try insert(Book.self) {
            $0.shelfID = shelf.id
            $0.title = title
            $0.cover = []
            change(&$0)
        }
    }

    func addShelf(_ name: String = "A") throws -> Shelf {
        try insert(Shelf.self) { $0.name = name }
    }
}
