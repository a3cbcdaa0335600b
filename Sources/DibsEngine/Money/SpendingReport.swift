package import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

extension Engine {
    package func spending(
        of id: Identifier<Account>?, days: Int, as caller: Credential
    ) async throws -> Spending {
        try Check.range(days, 1...366, "days")
        return try await read(as: caller) { snapshot, caller in
            try caller.needAccount()
            let account = try caller.account(id, in: snapshot)
            let now = try snapshot.now()
            let (zone, today) = (account.zone(at: now), account.day(at: now))
            let first = LocalDay.name(daysBefore: days - 1, now, in: zone)
            let money = try DayMoney.read(of: account, at: now, in: snapshot)
            let spent = try AccountDay.where {
                $0.accountID == account.id; $0.day >= first
            }
            .order { $0.day.descending }.all(in: snapshot)
            let over = try money.limit.map { try max(.zero, money.spent - $0) }
            return Spending(
                accountID: account.id, timeZone: zone, today: today.name, limit: money.limit,
                spent: money.spent, held: money.held,
                remaining: try money.room.map { max($0, .zero) }, overdraft: over ?? .zero,
                resetsAt: today.end, days: spent)
        }
    }
}
