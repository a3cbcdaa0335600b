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

    @Test(arguments: TaskStatus.allCases, TaskEvent.allCases)
    func `a task changes as the table says, and otherwise the error says what is possible`(
        status: TaskStatus, event: TaskEvent
    ) throws {
        let row = TaskStatus.transition(event)
        if row.from.contains(status) {
            #expect(try status.afterOrThrow(event) == row.to)
        } else {
            let error = #expect(throws: DibsError.self) { try status.afterOrThrow(event) }
            #expect(error?.code == .illegalTransition)
            #expect(error?.details["status"] == status.rawValue)
        }
    }

    @Test(arguments: WorkerStatus.allCases, WorkerEvent.allCases)
    func `a worker changes as the table says`(status: WorkerStatus, event: WorkerEvent) {
        let row = WorkerStatus.transition(event)
        #expect(status.after(event) == (row.from.contains(status) ? row.to : nil))
    }

    @Test func `nothing leaves the end of a worker`() {
        for ended in WorkerStatus.allCases where ended.isEnded {
            for event in WorkerEvent.allCases { #expect(ended.after(event) == nil) }
        }
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

    @Test func `a released task may be taken at once`() {
        #expect(FailureClass.released.backOffSeconds(attempts: 5) == 0)
    }
}
