/// A statement as an engine takes it.
///
/// Parameters are `$1…` by first appearance, which both engines number alike.
struct RenderedSQL: Sendable {
    private enum Parameter: Sendable {
        case value(SQLBinding)
        case slot(Int)
    }

    private(set) var text = ""
    private var parameters: [Parameter] = []
    private var numbers: [Int: Int] = [:]

    init(_ sql: SQL, on dialect: Dialect) {
        guard !sql.holes.isEmpty else {
            text = sql.text
            return
        }
        text.reserveCapacity(sql.text.utf8.count + 3 * sql.holes.count)
        append(sql, dialect)
    }

    private mutating func append(_ sql: SQL, _ dialect: Dialect) {
        var rest = sql.text.utf8[...]
        for hole in sql.holes {
            guard let mark = rest.firstIndex(of: 1) else {
                preconditionFailure("every hole was written with its mark")
            }
            text += Substring(rest[..<mark])
            rest = rest[rest.index(after: mark)...]
            switch hole {
            case .value(let value):
                parameters.append(.value(value))
                text += "$\(parameters.count)"
            case .slot(let slot): text += "$\(number(ofSlot: slot))"
            case .either(let sqlite, let postgres):
                append(dialect == .sqlite ? sqlite : postgres, dialect)
            }
        }
        text += Substring(rest)
    }

    private mutating func number(ofSlot slot: Int) -> Int {
        if let number = numbers[slot] { return number }
        parameters.append(.slot(slot))
        numbers[slot] = parameters.count
        return parameters.count
    }

    var isWithoutParameters: Bool { parameters.isEmpty }

    /// The values of the parameters; `late` fills the slots.
    func bindings(_ late: [SQLBinding] = []) -> [SQLBinding] {
        parameters.map { parameter in
            switch parameter {
            case .value(let value): value
            case .slot(let slot): late[slot]
            }
        }
    }
}
