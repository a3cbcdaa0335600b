internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema

/// Questions are kept with the task, so that they outlive the worker that asked: while one is open
/// the task is not claimed, and the next attempt gets the answer.
enum Questions {
    /// Asks; the task is locked.
    static func ask(
        _ kind: QuestionKind, _ asked: WaitingFor, of worker: Worker, in tx: Transaction
    ) throws {
        _ = try tx.insert(Question.self) {
            $0.taskID = worker.taskID
            $0.workerID = worker.id
            $0.kind = kind
            $0.prompt = asked.prompt
            $0.options = JSONList(asked.options)
            $0.freeText = asked.freeText
        }
        try tx.execute(
            """
            UPDATE tasks SET open_questions = open_questions + 1 WHERE id = \(worker.taskID)
            """)
        try tx.record(
            .questionAsked, workspace: worker.workspaceID, task: worker.taskID, worker: worker.id,
            account: worker.accountID)
    }

    /// Closes the open questions of a task without an answer; nil of a kind is all.
    ///
    /// The task is locked.
    static func withdraw(
        _ kind: QuestionKind? = nil, from task: AgentTask.ID, in tx: Transaction
    ) throws {
        let now = try tx.now()
        let withdrawn = try tx.update(Question.self) {
            $0.answeredAt = now
        } where: {
            $0.taskID == task
            $0.answeredAt == nil
            if let kind { $0.kind == kind }
        }
        guard !withdrawn.isEmpty else { return }
        try tx.execute(
            """
            UPDATE tasks SET open_questions = open_questions - \(withdrawn.count)
            WHERE id = \(task)
            """)
    }

    /// Questions that the workers of a task asked and nobody has answered.
    static func asked(of task: AgentTask.ID, in session: some Session) throws -> Int {
        try Question.where {
            $0.taskID == task; $0.kind == .ask; $0.answeredAt == nil
        }
        .count(in: session)
    }

    /// The answers given so far to the questions of a task's workers: the newest 50.
    static func answers(
        _ task: AgentTask.ID, in session: some Session
    ) throws -> Answers {
        let given = Question.where {
            $0.taskID == task; $0.answer != nil
        }
        let newest = try given.order {
            $0.createdAt.descending; $0.id.descending
        }
        .limit(Answers.most).all(in: session)
        let all = newest.count < Answers.most ? newest.count : try given.count(in: session)
        return Answers(newest: newest.reversed(), leftOut: Answers.beyond(newest.count, of: all))
    }
}

/// The answers of people to the questions of a task, as far as they are told at once.
struct Answers: Sendable {
    /// So many are told.
    static let most = 50
    /// No answers.
    static let none = Answers(newest: [], leftOut: nil)

    /// Oldest first.
    let newest: [Question]
    /// Number of those before; nil is none.
    let leftOut: Int?

    fileprivate static func beyond(_ told: Int, of all: Int) -> Int? {
        all > told ? all - told : nil
    }
}
