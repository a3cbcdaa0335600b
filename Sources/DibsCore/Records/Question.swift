package import DibsJSON
package import Foundation

/// A prompt with options that somebody must answer before the work goes on.
package struct Question: Sendable, Hashable, Codable, Identifiable {
    /// A random UUID made by the database.
    package let id: Identifier<Question>
    /// The task it is about; it outlives the worker that asked.
    package var taskID: Identifier<AgentTask>
    /// The worker that asked, or met the limit that asks.
    package var workerID: Identifier<Worker>
    /// The kind of question: the side that wants to know.
    package var kind: QuestionKind
    /// The text of the question.
    package var prompt: String
    /// The answers offered, each once; empty leaves it open.
    package var options: JSONList<String>
    /// The answer that was given; nil also when the question was withdrawn.
    package var answer: String?
    /// The account that answered.
    package var answeredBy: Identifier<Account>?
    /// Moment at which it was answered or withdrawn, UTC; nil is open.
    package var answeredAt: Date?
    /// Moment of the question, UTC.
    package var createdAt: Date
    /// Whether an answer may be other than one of the options.
    package var freeText: Bool

    /// Every property, in the order of its columns.
    package init(
        id: Identifier<Question>, taskID: Identifier<AgentTask>, workerID: Identifier<Worker>,
        kind: QuestionKind,
        prompt: String, options: JSONList<String>, answer: String?,
        answeredBy: Identifier<Account>?, answeredAt: Date?, createdAt: Date,
        freeText: Bool
    ) {
        self.id = id
        self.taskID = taskID
        self.workerID = workerID
        self.kind = kind
        self.prompt = prompt
        self.options = options
        self.answer = answer
        self.answeredBy = answeredBy
        self.answeredAt = answeredAt
        self.createdAt = createdAt
        self.freeText = freeText
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case id
        case taskID = "taskId"
        case workerID = "workerId"
        case kind, prompt, options, answer, answeredBy
        case answeredAt, createdAt, freeText
    }
}
