internal import ArgumentParser
internal import DibsCore
internal import DibsJSON

/// The command `dibs question`.
struct QuestionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "question", abstract: "What workers ask people.",
        subcommands: [QuestionList.self])
}

/// The command `dibs question list`.
struct QuestionList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the open questions, newest first.",
        discussion: """
            Examples:
              dibs question list
              dibs question list --task 3fa9c1d2-… --all
            """)

    @Option(help: "Only of one task.")
    var task: String?

    @Flag(help: "Also those that are answered or withdrawn.")
    var all = false

    @OptionGroup var page: PageOptions

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let filter = QuestionFilter(
            taskID: try task.map { try Connected.id($0) }, open: all ? nil : true)
        let found = try await connected.service.questions(
            filter, page.request(), as: connected.key)
        let table = TextTable("worker", "kind", "question", "options", "answer")
        try page.show(found, json: server.json, in: table, orNone: "Nobody asks anything.") {
            question, table in
            table.add(
                "\(question.workerID)", question.kind.rawValue,
                question.prompt.shortened(to: 100),
                question.options.elements.joined(separator: ", "),
                question.answer ?? (question.answeredAt == nil ? nil : "withdrawn"))
        }
    }
}

/// The command `dibs answer`.
struct Answer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Answer a worker's question.",
        discussion: """
            The newest open question of the worker is answered; dibs question list shows them. A \
            task that has reached a limit takes raise, finish or stop.

            Examples:
              dibs answer 3fa9c1d2-… "Use the second one"
              dibs answer 3fa9c1d2-… raise
            """)

    @Argument(help: "The worker's id.")
    var worker: String

    @Argument(help: "What you say.")
    var text: String

    @Option(help: "Which question, by id.")
    var question: String?

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let answer = NewAnswer(
            answer: text, questionID: try question.map { try Connected.id($0) })
        let answered = try await connected.service.answer(
            Connected.id(worker), answer, as: connected.key)
        if server.json { return try Terminal.printJSON(answered) }
        Terminal.print(answered.prompt + "\n  " + (answered.answer ?? "").indented(by: 2))
    }
}
