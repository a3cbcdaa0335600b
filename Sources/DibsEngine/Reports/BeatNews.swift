internal import DibsCore
internal import DibsData
internal import DibsSchema
internal import Foundation

/// Changes that may give a worker something to hear, few columns of many workers in one statement.
///
/// The news is only that something changed; what is to be said, `ReportAnswer.now` finds.
struct BeatNews: Sendable, Hashable {
    /// Part of its account's day is left to set aside.
    enum Day: Sendable { case open, held, spent }

    /// State of its task: cancelled or not.
    let task: TaskStatus
    /// Time at which people last said something that has not arrived.
    let instructed: Date?
    /// Answers to the questions of its task.
    let answers: Int
    /// Rest of its account's day.
    let day: Day

    /// So many workers are read by one statement.
    private static let batch = 500

    /// Reads it of workers; one without a lease is not in it.
    static func read(
        of workers: [Worker.ID], in session: some Session
    ) throws -> [Worker.ID: BeatNews] {
        var news: [Worker.ID: BeatNews] = [:]
        var days: [Account.ID: Day] = [:]
        for start in stride(from: 0, to: workers.count, by: batch) {
            let some = Array(workers[start..<min(start + batch, workers.count)])
            let rows = try session.rows(
                """
                SELECT l.worker_id, l.account_id, t.status,
                    (SELECT max(i.created_at) FROM instructions i
                        WHERE i.worker_id = l.worker_id AND i.delivered_at IS NULL),
                    (SELECT count(*) FROM questions q
                        WHERE q.task_id = l.task_id AND q.answer IS NOT NULL)
                FROM leases l JOIN tasks t ON t.id = l.task_id WHERE l.worker_id \(in: some)
                """, as: Worker.ID.self, Account.ID.self, TaskStatus.self, Date?.self, Int.self)
            for (worker, account, status, instructed, answers) in rows {
                let day = try days[account] ?? Self.day(of: account, in: session)
                days[account] = day
                news[worker] = BeatNews(
                    task: status, instructed: instructed, answers: answers, day: day)
            }
        }
        return news
    }

    private static func day(of id: Account.ID, in session: some Session) throws -> Day {
        guard let account = try Account.find(id, in: session), let limit = account.maxCostPerDay
        else { return .open }
        let money = try DayMoney.read(of: account, at: session.now(), in: session)
        if money.spent >= limit { return .spent }
        return try money.room.map { $0 <= .zero } == true ? .held : .open
    }
}
