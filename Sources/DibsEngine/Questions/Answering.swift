package import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema

/// Takes an answer: to the worker that waits, or to the limit that asks.
struct AnswerCommand {
    let worker: Worker
    let answer: NewAnswer
    let caller: Caller
    let tx: Transaction

    func run() throws -> Question {
        try Dependencies.lockForCompletion(worker.workspaceID, in: tx)
        guard let task = try TaskRow.locked(worker.taskID, in: tx) else {
            throw DibsError.notFound("task", worker.taskID)
        }
        let question = try open(of: worker)
        let (me, text, now) = (caller.account.id, answer.answer, try tx.now())
        try checkOption(question)
        let limit = question.kind == .limit ? LimitAnswer(rawValue: text) : nil
        let changed = try tx.update(Question.self) {
            $0.answer = text
            $0.answeredBy = me
            $0.answeredAt = now
        } where: {
            $0.id == question.id
        }
        try tx.execute(
            "UPDATE tasks SET open_questions = open_questions - 1 WHERE id = \(task.id)")
        try tx.record(
            .questionAnswered, workspace: worker.workspaceID, task: task.id, worker: worker.id,
            account: me)
        if let limit { try apply(limit, to: task) } else { try wake(worker) }
        tx.open([try caller.task(task.id, in: tx)])
        return changed.first ?? question
    }

    /// A worker that waits without its slot is next in line for one.
    private func wake(_ worker: Worker) throws {
        tx.say(to: worker.id)
        try tx.execute(
            """
            UPDATE leases SET answered = \(true)
            WHERE worker_id = \(worker.id) AND NOT counted
            """)
    }

    private func open(of worker: Worker) throws -> Question {
        let wanted = answer.questionID
        let found = try Question.where {
            $0.taskID == worker.taskID; $0.workerID == worker.id
            if let wanted { $0.id == wanted }
        }
        .order {
            $0.createdAt.descending; $0.id
        }
        .all(in: tx)
        if let question = found.first(where: { $0.answeredAt == nil }) { return question }
        guard let last = found.first else {
            throw DibsError.notFound("question of this worker", wanted?.description ?? "")
        }
        throw DibsError(
            .illegalTransition, "The question is not open any more.",
            details: ["question": "\(last.id)", "answer": last.answer ?? "withdrawn"],
            hint: "See what is open: dibs question list.")
    }

    /// Throws `invalid_field` for an answer that the question does not take.
    private func checkOption(_ question: Question) throws {
        let options = question.options.elements
        guard question.freeText || options.contains(answer.answer) else {
            throw DibsError(
                .invalidField, "The question takes one of its options.",
                details: ["field": "answer"],
                hint: "Answer one of: \(options.joined(separator: ", ")).")
        }
    }

    private func apply(_ answer: LimitAnswer, to task: AgentTask) throws {
        switch answer {
        case .raise: try TaskLimits.raise(task, by: caller.account.id, in: tx)
        // A live worker brings it in itself; see AttemptEnd.
        case .finish where task.status == .pending: try Adoption.take(task, nil, in: tx)
        case .finish: break
        case .stop:
            _ = try TaskChange(seen: task, caller: caller, tx: tx).cancel()
        }
    }
}

extension NewAnswer: Checked {
    /// Throws `invalid_field` for the first field that is out of its bounds.
    func check() throws { try Check.length(answer, Bounds.prose, "answer") }
}

extension WaitingFor {
    /// Throws `invalid_field` for the first field that is out of its bounds.
    func check() throws {
        try Check.line(type, Bounds.questionType, "waitingFor.type")
        try Check.length(prompt, Bounds.prose, "waitingFor.prompt")
        try Check.count(options, Bounds.options, "waitingFor.options")
        for option in options { try Check.line(option, Bounds.option, "waitingFor.options") }
        guard Set(options.map(OneLine.likeness)).count == options.count else {
            throw DibsError(
                .invalidField, "An option is offered twice.",
                details: ["field": "waitingFor.options"],
                hint: "Offer each once; letters' case and blanks tell none from another.")
        }
        guard freeText || !options.isEmpty else {
            throw DibsError(
                .invalidField, "Nothing could be answered.",
                details: ["field": "waitingFor.freeText"],
                hint: "Offer options, or let freeText be true.")
        }
    }
}

extension Engine {
    package func answer(
        _ worker: Identifier<Worker>, _ answer: NewAnswer, as caller: Credential
    ) async throws -> Question {
        let recall = Recall<Question>.row { try $0.question($1, in: $2) }
        let operation = "POST workers/\(worker)/answer"
        return try await writeOnce(operation, answer, as: caller, recall: recall) { tx, caller in
            let worker = try caller.worker(worker, in: tx)
            try caller.reviewable(worker.workspaceID, in: tx)
            return worker
        } act: { tx, caller, worker in
            try AnswerCommand(worker: worker, answer: answer, caller: caller, tx: tx).run()
        }
    }

    package func questions(
        _ filter: QuestionFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<Question> {
        try await read(as: caller) { snapshot, caller in
            let visible = caller.visibleWorkspaces
            let tasks: SQL = "SELECT id FROM tasks WHERE workspace_id IN (\(visible))"
            let query = Question.where {
                $0.taskID.in(tasks)
                if let task = filter.taskID { $0.taskID == task }
                if filter.open == true { $0.answeredAt == nil }
                if filter.open == false { $0.answeredAt != nil }
            }
            return try query.order { $0.createdAt.descending }.page(page, in: snapshot)
        }
    }
}
