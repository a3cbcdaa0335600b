internal import DibsCore
internal import DibsJSON

/// A list as it becomes JSON: an item at a time, its bytes set aside as they come.
///
/// A page may hold megabytes, and as values of JSON several times as much. So only one item is such
/// a value at a time, and whoever would make all answers together larger than their budget is told
/// `busy` before it has. A large list is written on `SmallPool`, where it holds up nobody else.
/// What is not a list is a few megabytes at most.
private struct ListAnswer: Sendable {
    /// The most that is set aside before it is needed, or half of a caller's share would be all
    /// that one page could use.
    private static let step = 4 << 20

    private var bytes = Array(#"{"items":["#.utf8)
    private var isFirst = true
    private let held: ByteBudget.Reservation

    init(_ held: ByteBudget.Reservation) { self.held = held }

    var isLarge: Bool { bytes.count > Answer.piece }

    mutating func add(_ item: some Encodable) throws {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
        bytes += try Wire.encode(item)
        guard bytes.count > held.count else { return }
        try held.resize(to: bytes.count + min(bytes.count, Self.step))
    }

    consuming func finish(_ nextCursor: String?) throws -> Answer {
        bytes.append(UInt8(ascii: "]"))
        if let nextCursor {
            bytes += #","nextCursor":"#.utf8
            bytes += JSON.string(nextCursor).canonicalBytes
        }
        bytes.append(UInt8(ascii: "}"))
        var answer = Answer(status: 200, body: bytes)
        answer.held = held
        return answer
    }
}

extension Answer {
    /// 200 and a page of a list; throws `busy` while the answers under way are as large as they may
    /// be together.
    static func list<Item: Encodable>(_ page: Page<Item>, for call: Call) async throws -> Answer {
        var list = ListAnswer(try call.holdBytesOfAnswer(Answer.piece))
        var rest = page.items[...]
        while !list.isLarge, let item = rest.popFirst() { try list.add(item) }
        guard !rest.isEmpty else { return try list.finish(page.nextCursor) }
        return try await withTaskExecutorPreference(SmallPool.shared) { [list, rest] in
            var list = list
            for item in rest {
                try Task.checkCancellation()
                try list.add(item)
            }
            return try list.finish(page.nextCursor)
        }
    }
}
