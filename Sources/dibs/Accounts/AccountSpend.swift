internal import ArgumentParser
internal import DibsCore
internal import DibsJSON
internal import Foundation

/// The command `dibs account spend`.
struct AccountSpend: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "spend", abstract: "Show what an account spent, day by day.",
        discussion: """
            Held is what its live workers have set aside and not spent yet; it counts against \
            today's limit.

            Examples:
              dibs account spend
              dibs account spend 3fa9c1d2-… --days 30 --json
            """)

    @Argument(help: "Its id, or me.")
    var id: String = "me"

    @Option(help: "So many days, 1 to 366.")
    var days: Int = 14

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let spending = try await connected.service.spending(
            of: id == "me" ? nil : Connected.id(id), days: days, as: connected.key)
        if server.json { return try Terminal.printJSON(spending) }
        Terminal.print(Self.text(of: spending))
    }

    /// Today in words, and a bar a day; the longest bar is the limit or the dearest day.
    static func text(of spending: Spending) -> String {
        let limit = spending.limit.map { "$\($0)" } ?? "no limit"
        var lines = [
            "today     $\(spending.spent) spent, $\(spending.held) held, \(limit)",
            "resets    \(spending.resetsAt.rfc3339) (\(spending.timeZone))",
        ]
        if let left = spending.remaining { lines.insert("left      $\(left)", at: 1) }
        if spending.overdraft > .zero {
            lines.append(Terminal.styled("overdraft $\(spending.overdraft)", .red))
        }
        let most = max(spending.days.map(\.spent).max() ?? .zero, spending.limit ?? .zero)
        for day in spending.days {
            let bar = Self.bar(day.spent, of: most)
            let isOver = spending.limit.map { day.spent > $0 } ?? false
            lines.append(
                "\(day.day)  \(Terminal.styled(bar, isOver ? .red : .cyan))  $\(day.spent)")
        }
        if spending.days.isEmpty { lines.append("Nothing was spent in these days.") }
        return lines.joined(separator: "\n")
    }

    /// Forty places, in eighths of a place (U+2588 to U+258F).
    private static func bar(_ amount: USD, of most: USD) -> String {
        guard most > .zero, amount > .zero else { return String(repeating: " ", count: 40) }
        let eighths = min(
            320, Int(saturating: (Double(amount.nanos) / Double(most.nanos) * 320).rounded(.up)))
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        let bar = String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
        return bar + String(repeating: " ", count: max(0, 40 - bar.count))
    }
}
