import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Tasks: made, read, and changed only as the table allows")
struct TaskTests {
    @Test(arguments: Door.all)
    func `a task comes back as it was sent`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let made = try await bed.task("Fix ☂️", in: workspace) {
                $0.description = "# All of it"
                $0.context = ["issue": 7, "labels": ["bug"]]
                $0.priority = -3
                $0.maxCost = "0.000000001"
                $0.requiredCapabilities = (try? Capabilities(["GPU", "arm"])) ?? .none
                $0.maxDurationSeconds = 60
                $0.needsReview = true
                $0.dedupeKey = "k"
            }
            #expect(
                made.status == .pending && made.attempts == 0 && made.createdAt == bed.clock.now)
            #expect(made.requiredCapabilities.names == ["arm", "gpu"])
            #expect(
                made.context == ["issue": 7, "labels": ["bug"]] && made.maxCost == "0.000000001")
            let view = try await bed.service.task(made.id, with: [], as: bed.admin)
            #expect(view.task.title == made.title && view.workspace == nil && view.workers == nil)
            let full = try await bed.service.task(
                made.id, with: [.workspace, .artifacts, .workers], as: bed.admin)
            #expect(full.workspace == workspace && full.artifacts == [] && full.workers == [])
        }
    }

    @Test(arguments: Door.all)
    func `a task that cannot be meant is refused`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let other = try await bed.task(in: try await bed.workspace("other"))
            let changes: [(ErrorCode, (inout NewTask) -> Void)] = [
                (.invalidField, { $0.title = "" }),
                (.invalidField, { $0.title = String(repeating: "x", count: 501) }),
                (.invalidField, { $0.title = "a\u{0}b" }),
                (.invalidField, { $0.priority = 1001 }),
                (.invalidField, { $0.maxAttempts = 0 }),
                (.invalidField, { $0.maxCost = "-1" }),
                (.invalidField, { $0.context = [1] }),
                (.notFound, { $0.dependsOn = [other.id] }),
            ]
            for (expected, change) in changes {
                let code = try await bed.code { try await bed.task(in: workspace, change) }
                // Over HTTP a NUL is refused by the parser, before it is a field.
                #expect(code == expected || code == .malformedJSON)
            }
            let list = try await bed.service.tasks(TaskFilter(), .first, as: bed.admin)
            #expect(list.items.map(\.task.id) == [other.id])
        }
    }

    @Test(arguments: Door.all)
    func `lists are newest first, filtered, and paged without a gap`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            var made: [AgentTask] = []
            for number in 0..<7 {
                made.append(try await bed.task("t\(number)", in: workspace))
                if number.isMultiple(of: 2) { bed.clock.advance(seconds: 1) }
            }
            var titles: [String] = []
            var cursor: String?
            repeat {
                let page = try await bed.service.tasks(
                    TaskFilter(workspaceID: workspace.id, status: .pending),
                    PageRequest(limit: 3, cursor: cursor), as: bed.admin)
                titles += page.items.map(\.task.title)
                cursor = page.nextCursor
            } while cursor != nil
            // Of two that were made at the same moment the larger id is first.
            made.sort { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }
            #expect(titles == made.map(\.title))
            let times = made.map(\.createdAt)
            #expect(Set(times).count == 4 && times.first == bed.clock.now.addingTimeInterval(-1))
            let wrong = try await bed.code {
                _ = try await bed.service.tasks(
                    TaskFilter(), PageRequest(cursor: "nonsense"), as: bed.admin)
            }
            #expect(wrong == .invalidCursor)
            let none = try await bed.service.tasks(
                TaskFilter(status: .failed), .first, as: bed.admin)
            #expect(none.items.isEmpty && none.nextCursor == nil)
        }
    }

    @Test(arguments: Door.all)
    func `a dedupe key is open once, and free again when its task is closed`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let first = try await bed.task(in: workspace) { $0.dedupeKey = "nightly" }
            let second = try await failure(as: DibsError.self) {
                try await bed.task(in: workspace) { $0.dedupeKey = "nightly" }
            }
            #expect(second?.code == .duplicate && second?.details["task"] == "\(first.id)")
            _ = try await bed.service.cancelTask(first.id, as: bed.admin)
            try await bed.task(in: workspace) { $0.dedupeKey = "nightly" }
            let retried = try await bed.code {
                _ = try await bed.service.retryTask(first.id, as: bed.admin)
            }
            #expect(retried == .duplicate)
        }
    }

    /// What a person does, and the task's event it is.
    typealias Verb =
        @Sendable (any DibsService, AgentTask.ID, Credential) async throws -> AgentTask
    static let verbs: [(TaskEvent, Verb)] = [
        (.cancel, { try await $0.cancelTask($1, as: $2) }),
        (.retry, { try await $0.retryTask($1, as: $2) }),
        (.approve, { try await $0.approveTask($1, as: $2) }),
        (.reject, { try await $0.rejectTask($1, as: $2) }),
    ]

    @Test(arguments: Door.all)
    func `in every state a person can do what the table says and nothing else`(
        through door: Door
    ) async throws {
        try await door.open(meddling: true) { bed in
            let workspace = try await bed.workspace()
            for status in TaskStatus.allCases {
                for (event, verb) in Self.verbs {
                    let task = try await bed.task("\(status) \(event)", in: workspace)
                    _ = try await bed.database.write { tx in
                        try tx.execute("UPDATE tasks SET status = \(status) WHERE id = \(task.id)")
                    }
                    let error = try await failure(as: DibsError.self) {
                        let after = try await verb(bed.service, task.id, bed.admin)
                        #expect(after.status == status.after(event))
                    }
                    #expect((error == nil) == (status.after(event) != nil), "\(status) \(event)")
                    #expect(error == nil || error?.code == .illegalTransition)
                    let now = try await bed.service.task(task.id, with: [], as: bed.admin)
                    #expect(now.task.status == status.after(event) ?? status)
                }
            }
        }
    }

    @Test(arguments: Door.direct)
    func `a list with its parts takes as many statements for 200 tasks as for 10`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            var counts: [Int] = []
            for size in [10, 190] {
                for number in 0..<size { try await bed.task("\(number)", in: workspace) }
                let before = bed.database.statements.count
                let page = try await bed.service.tasks(
                    TaskFilter(parts: [.workspace, .artifacts, .workers]), PageRequest(limit: 200),
                    as: bed.admin)
                #expect(page.items.count == size + counts.count * 10)
                counts.append(bed.database.statements.count - before)
            }
            #expect(counts[0] == counts[1])
        }
    }
}
