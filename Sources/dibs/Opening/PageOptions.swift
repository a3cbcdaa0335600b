internal import ArgumentParser
internal import DibsCore

/// Which part of a list is wanted, and how it is shown.
struct PageOptions: ParsableArguments {
    @Option(help: "At most so many, 1 to 200.")
    var limit: Int = 50

    @Option(help: "Go on after the last list: its nextCursor.")
    var cursor: String?

    func request() throws -> PageRequest { try PageRequest(limit: limit, cursor: cursor) }

    /// Shows a page: as JSON for programs, else a row an item, and how to go on.
    func show<Item: Encodable>(
        _ page: Page<Item>, json: Bool, in table: TextTable, orNone none: String,
        row: (Item, inout TextTable) -> Void
    ) throws {
        if json { return try Terminal.printJSON(page) }
        var table = table
        for item in page.items { row(item, &table) }
        Terminal.print(table.text(orNone: none))
        if let next = page.nextCursor { Terminal.note("more: --cursor \(next)") }
    }
}
