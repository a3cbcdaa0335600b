/// An answer to a question.
package struct NewAnswer: Sendable, Hashable, Codable {
    /// 1 to 10,000 characters; one of the options unless the question takes free text.
    package var answer: String
    /// Which question; nil is the newest open one of the worker.
    package var questionID: Identifier<Question>?

    /// Only what differs from the defaults need be said.
    package init(answer: String, questionID: Identifier<Question>? = nil) {
        self.answer = answer
        self.questionID = questionID
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case answer
        case questionID = "questionId"
    }
}

/// Which questions are wanted; what is nil does not matter.
package struct QuestionFilter: Sendable, Hashable {
    /// Only those of one task.
    package var taskID: Identifier<AgentTask>?
    /// Only those that are open, or only those that are not.
    package var open: Bool?

    /// Only what differs from the defaults need be said.
    package init(taskID: Identifier<AgentTask>? = nil, open: Bool? = nil) {
        self.taskID = taskID
        self.open = open
    }
}

/// An answer to a task that has reached a limit of its own.
package enum LimitAnswer: String, Sendable, CaseIterable, Codable {
    /// As much again.
    case raise
    /// The work that is there is the result.
    case finish
    /// The task is wanted no more.
    case stop
}
