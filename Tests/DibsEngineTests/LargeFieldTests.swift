import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("What is sent has bounds, and lists leave what is large out")
struct LargeFieldTests {
    private static let large: JSON = ["x": .string(String(repeating: "x", count: 70_000))]

    @Test(arguments: Door.all)
    func `a field past its bound is refused by its name, and nothing is made`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let changes: [(String, (inout NewTask) -> Void)] = [
                ("title", { $0.title = " \u{A0} " }),
                ("title", { $0.title = "a\u{1B}[2Jb" }),
                ("title", { $0.title = "\u{202E}gpj" }),
                ("context", { $0.context = Self.large }),
                ("dedupeKey", { $0.dedupeKey = "a\nb" }),
                ("externalUrl", { $0.externalURL = "javascript:alert(1)" }),
                ("externalUrl", { $0.externalURL = "https:///nohost" }),
                ("externalUrl", { $0.externalURL = "https://a b" }),
                ("sourceId", { $0.externalID = "7" }),
            ]
            for (field, change) in changes {
                let error = try await failure(as: DibsError.self) {
                    try await bed.task(in: workspace, change)
                }
                #expect(error?.details["field"] == field, "\(String(describing: error))")
            }
            let places: [(String, (inout NewWorkspace) -> Void)] = [
                ("name", { $0.name = "a\nb" }),
                ("repo", { $0.repo = "https://ada:s3cret@example.org/x" }),
                ("repo", { $0.repo = "https://example.org/x?token=s3cret" }),
                ("localPath", { $0.localPath = String(repeating: "x", count: 5000) }),
                ("localPath", { $0.localPath = "." }),
                ("localPath", { $0.localPath = "~/site" }),
                ("repo", { $0.repo = "--upload-pack=x" }),
                ("repo", { $0.repo = "ext::sh -c x" }),
                ("repo", { $0.repo = "https://example.org/a b" }),
                ("memory", { $0.memory = Self.large }),
            ]
            for (field, change) in places {
                let error = try await failure(as: DibsError.self) {
                    _ = try await bed.workspace("other", change)
                }
                #expect(error?.details["field"] == field)
                #expect(error.map { "\($0)\($0.hint ?? "")".contains("s3cret") } == false)
            }
            let email = try await bed.code {
                let new = NewAccount(name: "a", email: String(repeating: "x", count: 321))
                _ = try await bed.service.createAccount(new, as: bed.admin)
            }
            let runner = try await bed.code {
                _ = try await bed.claim(as: bed.admin) { $0.runner = "a\u{1B}b" }
            }
            #expect(email == .invalidField && runner == .invalidField)
            let left = try await bed.service.tasks(TaskFilter(), .first, as: bed.admin).items
            #expect(left.isEmpty)
        }
    }

    @Test(arguments: Door.all)
    func `a password that an old version let in is not shown`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            _ = try await bed.database.write { tx in
                try tx.execute(
                    "UPDATE workspaces SET repo = 'https://ada:s3cret@example.org/x'")
            }
            let seen = try await bed.service.workspace(workspace.id, as: bed.admin)
            #expect(seen.repo == "https://example.org/x")
        }
    }

    @Test(arguments: Door.all)
    func `a list has details only where they are asked for`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task(in: workspace) {
                $0.description = "# All of it"
                $0.context = ["issue": 7]
            }
            let brief = try await bed.service.tasks(TaskFilter(), .first, as: bed.admin).items
            #expect(brief.map(\.hasDetails) == [false])
            #expect(brief[0].task.description.isEmpty && brief[0].task.context == [:])
            let text = String(decoding: try Wire.encode(brief[0]), as: UTF8.self)
            #expect(!text.contains("description") && !text.contains("context"))
            let filter = TaskFilter(parts: [.details])
            let full = try await bed.service.tasks(filter, .first, as: bed.admin).items
            #expect(full[0].hasDetails && full[0].task.context == ["issue": 7])
            let one = try await bed.service.task(brief[0].task.id, with: [], as: bed.admin)
            #expect(one.hasDetails && one.task.description == "# All of it")
        }
    }

    @Test(arguments: Door.direct)
    func `a list without details does not read them`(through door: Door) async throws {
        try await door.open { bed in
            try await bed.task(in: try await bed.workspace())
            let ran = try await bed.database.statements.recorded {
                _ = try await bed.service.tasks(TaskFilter(), .first, as: bed.admin)
            }
            let read = ran.filter { $0.text.contains("FROM tasks") }
            #expect(read.count == 1)
            for column in ["tasks.description", "tasks.context", "tasks.result"] {
                #expect(!read.contains { $0.text.contains(column) })
            }
        }
    }

    @Test(arguments: Door.direct)
    func `artifacts of a task have a number and a size in all, and those of a day`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<2 { try await bed.task("\(number)", in: workspace) }
            let (account, key) = try await bed.account(in: workspace)
            let workers = try await bed.claim(as: key) { $0.maxTasks = 2 }
            try #require(workers.count == 2)
            func leave(_ content: String, _ index: Int) async throws -> ErrorCode? {
                try await bed.code {
                    let new = NewArtifact(type: .log, title: "log", content: content)
                    _ = try await bed.service.addArtifact(new, of: workers[index].id, as: key)
                }
            }
            let tooLong = "é" + String(repeating: "x", count: 1 << 20)
            #expect(try await leave(tooLong, 0) == .invalidField)
            for _ in 0..<Bounds.artifactsOfTask { #expect(try await leave("", 0) == nil) }
            #expect(try await leave("", 0) == .tooMany)
            let mebibyte = String(repeating: "x", count: 1 << 20)
            for _ in 0..<31 { #expect(try await leave(mebibyte, 1) == nil) }
            #expect(try await leave(mebibyte, 1) == .tooMany)
            #expect(try await leave("small", 1) == nil)
            let task = workers[0].taskID
            let view = try await bed.service.task(task, with: [.artifacts], as: key)
            #expect(view.artifacts?.count == 100 && view.artifactCount == 200)
            _ = try await bed.database.write { tx in
                try tx.execute(
                    """
                    UPDATE artifact_days SET bytes = \(Bounds.artifactBytesOfDay)
                    WHERE account_id = \(account.id)
                    """)
            }
            #expect(try await leave("small", 1) == .tooMany)
            bed.clock.advance(seconds: 24 * 3600)
            #expect(try await leave("small", 1) == nil, "another day")
        }
    }

    @Test(arguments: Door.all)
    func `lists have no milestones, and one task those of its newest attempts`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let task = try await bed.task(in: workspace)
            let attempts = TaskView.attemptsTold + 2
            for _ in 0..<attempts {
                let worker = try #require(try await bed.claim(as: bed.admin).first)
                let report = Report(status: .running, milestones: ["told"])
                _ = try await bed.service.report(worker.id, report, as: bed.admin)
                _ = try await bed.service.releaseTask(task.id, as: bed.admin)
                bed.clock.advance(seconds: 120)
            }
            func told(_ workers: [Worker]?) -> [Int] {
                (workers ?? []).map(\.milestones.elements.count)
            }
            let workers = try await bed.service.workers(WorkerFilter(), .first, as: bed.admin)
            #expect(told(workers.items) == Array(repeating: 0, count: attempts))
            #expect(workers.items.allSatisfy { $0.milestoneCount == 1 })
            let filter = TaskFilter(parts: [.workers])
            let list = try await bed.service.tasks(filter, .first, as: bed.admin).items
            #expect(told(list.first?.workers) == [0, 0, 0])
            let one = try await bed.service.task(task.id, with: [.workers], as: bed.admin)
            #expect(told(one.workers) == [0, 0] + Array(repeating: 1, count: attempts - 2))
            #expect(one.workers?.map(\.id) == workers.items.map(\.id).reversed())
            let worker = try await bed.service.worker(workers.items[0].id, as: bed.admin)
            #expect(told([worker]) == [1])
        }
    }

    @Test(arguments: Door.all)
    func `a page with details has at most ten tasks, and goes on where it ended`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for number in 0..<12 { try await bed.task("\(number)", in: workspace) }
            let filter = TaskFilter(parts: [.details])
            let most = try PageRequest(limit: PageRequest.maximum)
            let first = try await bed.service.tasks(filter, most, as: bed.admin)
            #expect(first.items.count == TaskView.pageWithDetails)
            let rest = try await bed.service.tasks(
                filter, PageRequest(limit: 200, cursor: first.nextCursor), as: bed.admin)
            #expect(rest.items.count == 2 && rest.nextCursor == nil)
            #expect(Set((first.items + rest.items).map(\.task.title)).count == 12)
            let few = try await bed.service.tasks(
                filter, PageRequest(limit: 3), as: bed.admin)
            #expect(few.items.count == 3, "and fewer where fewer are asked for")
        }
    }

    @Test(arguments: Door.all)
    func `an artifact is read by who sees its task`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task(in: workspace)
            let (_, key) = try await bed.account(in: workspace)
            let (_, stranger) = try await bed.account(NewAccount(name: "stranger"))
            let worker = try #require(try await bed.claim(as: key).first)
            let new = NewArtifact(type: .log, title: "log", content: "all")
            let made = try await bed.service.addArtifact(new, of: worker.id, as: key)
            #expect(try await bed.service.artifact(made.id, as: key).content == "all")
            let hidden = try await bed.code {
                _ = try await bed.service.artifact(made.id, as: stranger)
            }
            #expect(hidden == .notFound)
        }
    }

    @Test(arguments: Door.all)
    func `an id in another system is free again when its task is closed`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let source = try await bed.service.createSource(
                NewSource(name: "issues"), in: workspace.id, as: bed.admin)
            let first = try await bed.task(in: workspace) {
                $0.sourceID = source.id
                $0.externalID = "7"
            }
            let twice = try await bed.code {
                try await bed.task(in: workspace) {
                    $0.sourceID = source.id
                    $0.externalID = "7"
                }
            }
            #expect(twice == .duplicate)
            _ = try await bed.service.cancelTask(first.id, as: bed.admin)
            try await bed.task(in: workspace) {
                $0.sourceID = source.id
                $0.externalID = "7"
            }
            let retried = try await bed.code {
                _ = try await bed.service.retryTask(first.id, as: bed.admin)
            }
            #expect(retried == .duplicate)
        }
    }
}
