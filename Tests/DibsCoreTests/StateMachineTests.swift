import DibsCore
import Testing

@Suite("The two state machines are one table each")
struct StateMachineTests {
    @Test func `every event of a task stands in the table once`() {
        let events = TaskStatus.transitions.map(\.event)
        #expect(Set(events) == Set(TaskEvent.allCases))
        #expect(events.count == TaskEvent.allCases.count)
    }

    @Test func `every event of a worker stands in the table once`() {
        let events = WorkerStatus.transitions.map(\.event)
        #expect(Set(events) == Set(WorkerEvent.allCases))
        #expect(events.count == WorkerEvent.allCases.count)
    }

    /// What must come of each event in each state, written apart from the code: a line an event.
    private static let task = """
        event            pending   assigned    in_progress review    completed failed    cancelled
        claim            assigned  -           -           -         -         -         -
        start            -         in_progress -           -         -         -         -
        finish           -         completed   completed   -         -         -         -
        submit           -         review      review      -         -         -         -
        give_back        -         pending     pending     -         -         -         -
        give_up          -         failed      failed      -         -         -         -
        adopt            completed -           -           -         -         -         -
        adopt_for_review review    -           -           -         -         -         -
        approve          -         -           -           completed -         -         -
        reject           -         -           -           pending   -         -         -
        retry            -         -           -           -         -         pending   pending
        cancel           cancelled cancelled   cancelled   cancelled -         -         -
        """

    private static let worker = """
        event    idle      starting      running       waiting_input paused        completed error
        start    starting  -             -             -             -             -         -
        run      running   running       -             running       running       -         -
        wait     -         waiting_input waiting_input -             waiting_input -         -
        pause    -         -             paused        paused        -             -         -
        complete completed completed     completed     -             completed     -         -
        fail     error     error         error         error         error         -         -
        """

    /// What the code makes of every event in every state, as the tables above are written.
    private func actual<State: StateMachine>(of type: State.Type) throws -> [[String]] {
        let states = State.allCases.map(\.rawValue)
        return try [["event"] + states]
            + State.Event.allCases.map { event in
                try [event.rawValue.replacing(" ", with: "_")]
                    + State.allCases.map { try outcome(of: event, in: $0) }
            }
    }

    private func outcome<State: StateMachine>(
        of event: State.Event, in status: State
    ) throws -> String {
        do {
            let next = try status.afterOrThrow(event)
            #expect(status.after(event) == next)
            return next.rawValue
        } catch let error as DibsError {
            #expect(error.code == .illegalTransition && status.after(event) == nil)
            #expect(error.details["status"] == status.rawValue)
            return "-"
        }
    }

    private func expected(_ table: String) -> [[String]] {
        table.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    }

    @Test func `a task changes so and not otherwise, and the error says where it is`() throws {
        #expect(try actual(of: TaskStatus.self) == expected(Self.task))
    }

    @Test func `a worker changes so and not otherwise`() throws {
        #expect(try actual(of: WorkerStatus.self) == expected(Self.worker))
    }

    @Test func `what could happen instead is said`() throws {
        let error = #expect(throws: DibsError.self) {
            try TaskStatus.review.afterOrThrow(.claim)
        }
        #expect(error?.details["possible"] == "approve, reject, cancel")
        #expect(error?.details["event"] == "claim")
    }

    @Test func `closed, ended and live are these`() {
        let closed = TaskStatus.allCases.filter(\.isClosed)
        #expect(closed == [.completed, .failed, .cancelled])
        #expect(WorkerStatus.allCases.filter(\.isEnded) == [.completed, .error])
        #expect(WorkerStatus.live == [.idle, .starting, .running, .waitingInput, .paused])
    }

    @Test func `a worker says what it does by the status that this leads to`() {
        let events = WorkerStatus.allCases.map(\.event)
        #expect(events == [nil, .start, .run, .wait, .pause, .complete, .fail])
    }

    @Test func `every state of a task can be reached from its birth`() {
        var reached: Set<TaskStatus> = [.pending]
        while true {
            let next = TaskStatus.transitions
                .filter { !reached.isDisjoint(with: $0.from) }.map(\.to)
            guard !reached.isSuperset(of: next) else { break }
            reached.formUnion(next)
        }
        #expect(reached == Set(TaskStatus.allCases))
    }

    @Test func `only a completed task cannot be tried again`() {
        let stuck = TaskStatus.allCases.filter { status in
            TaskEvent.allCases.allSatisfy { status.after($0) == nil }
        }
        #expect(stuck == [.completed])
    }
}

@Suite("What an end without a result costs its task")
struct FailureClassTests {
    @Test func `only the agent's failure and a lost lease count as an attempt`() {
        #expect(FailureClass.allCases.filter(\.burnsAttempt) == [.agentFailed, .leaseExpired])
    }

    @Test func `the wait after a failure doubles from 15 seconds to 15 minutes`() {
        let waits = (1...9).map { FailureClass.agentFailed.backOffSeconds(attempts: $0) }
        #expect(waits == [15, 30, 60, 120, 240, 480, 900, 900, 900])
    }

    @Test func `the first lost lease costs no wait`() {
        #expect(FailureClass.leaseExpired.backOffSeconds(attempts: 1) == 0)
        #expect(FailureClass.leaseExpired.backOffSeconds(attempts: 2) == 15)
    }

    @Test func `what is not the agent's failure waits the same after every attempt`() {
        let waits: [FailureClass: Int] = [
            .released: 0, .waiting: 0, .cancelled: 0, .budget: 0, .rateLimited: 60,
            .infrastructure: 60,
        ]
        for (reason, seconds) in waits {
            let found = Set((1...9).map { reason.backOffSeconds(attempts: $0) })
            #expect(found == [seconds], "\(reason)")
        }
        #expect(Set(waits.keys).union([.agentFailed, .leaseExpired]) == Set(FailureClass.allCases))
    }

    @Test func `a worker may say these of itself, and five ends of the infrastructure burn one`() {
        #expect(
            FailureClass.reportable
                == [.agentFailed, .rateLimited, .infrastructure, .budget, .waiting])
        #expect(FailureClass.infrastructureEndsABurn == 5)
    }
}
