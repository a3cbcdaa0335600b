import DibsCore
import DibsServer
import HTTPTypes
import Testing

@Suite("The table of routes says what every path takes")
struct RouteTests {
    private let table = RouteTable.api

    @Test func `no route stands twice`() {
        let names = table.routes.map { "\($0.method) \($0.path)" }
        #expect(Set(names).count == names.count)
        #expect(names.count > 20)
    }

    @Test func `only what a supervisor asks goes without a key`() {
        let open = table.routes.filter { $0.access == .anyone }.map(\.path)
        #expect(open.sorted() == ["/healthz", "/readyz"])
    }

    @Test func `an ended worker's token may still send what is about its worker`() {
        let late = table.routes.filter { $0.access == .lateWorker }
            .map { "\($0.method) \($0.path)" }
        #expect(
            late.sorted() == [
                "PATCH /api/workers/{id}", "POST /api/workers/{id}/artifacts",
                "POST /api/workers/{id}/costs", "POST /api/workers/{id}/heartbeat",
            ])
    }

    @Test func `every list takes a limit and a cursor`() {
        let lists = ["accounts", "workspaces", "workspaces/{id}/sources", "tasks", "workers"]
        for list in lists {
            let route = table.routes.first { $0.method == .get && $0.path == "/api/\(list)" }
            #expect(route?.query.contains("limit") == true, "\(list)")
            #expect(route?.query.contains("cursor") == true, "\(list)")
        }
    }

    @Test func `a path that nobody serves is no route`() {
        for path in ["/", "/api", "/api/task", "/api/tasks/7/explode", "/api/tasks/7/cancel/now"] {
            #expect(table.methods(at: path).isEmpty, "\(path)")
            #expect(table.refusal(of: .get, at: path).code == .noRoute)
        }
    }

    @Test func `a method that a path does not take is answered with those it does`() {
        let error = table.refusal(of: .put, at: "/api/accounts/7")
        #expect(error.code == .methodNotAllowed)
        #expect(error.details["allow"] == "DELETE, GET, HEAD, PATCH")
    }

    @Test func `claim is a verb and not the worker called claim`() {
        #expect(table.methods(at: "/api/workers/claim") == [.post])
        #expect(Set(table.methods(at: "/api/workers/7")) == [.get, .head, .patch])
    }

    @Test func `a query is read by name, and every other name refused`() throws {
        let query = try Query("status=pending&with=workers,artifacts", allowed: ["status", "with"])
        let status: TaskStatus? = try query.choice("status")
        let parts: Set<TaskPart> = try query.choices("with")
        #expect(status == .pending)
        #expect(parts == [.workers, .artifacts])
        let error = #expect(throws: DibsError.self) { try Query("stauts=x", allowed: ["status"]) }
        #expect(error?.code == .unknownField)
        #expect(error?.details["field"] == "stauts")
    }

    @Test(arguments: ["limit=0", "limit=201", "limit=ten", "limit=1&limit=2", "limit=%FF"])
    func `a page that cannot be is refused`(text: String) {
        let error = #expect(throws: DibsError.self) {
            try Query(text, allowed: Route.pageQuery).page()
        }
        #expect(error?.code == .invalidField)
    }

    @Test func `an id, a flag or a word in a query that cannot be read is refused`() throws {
        let query = try Query("id=7&live=yes&status=done", allowed: ["id", "live", "status"])
        let id = #expect(throws: DibsError.self) {
            let _: Identifier<Worker>? = try query.id("id")
        }
        let flag = #expect(throws: DibsError.self) { try query.flag("live") }
        let word = #expect(throws: DibsError.self) {
            let _: TaskStatus? = try query.choice("status")
        }
        #expect(id?.code == .invalidID)
        #expect(flag?.code == .invalidField)
        #expect(word?.hint?.contains("pending") == true)
    }

    @Test(arguments: ["with=", "with=workers,,artifacts", "with=,workers", "with=workers,"])
    func `a list of words with an empty one is refused`(text: String) throws {
        let query = try Query(text, allowed: ["with"])
        let error = #expect(throws: DibsError.self) {
            let _: Set<TaskPart> = try query.choices("with")
        }
        #expect(error?.code == .invalidField && error?.details["field"] == "with")
    }

    @Test func `a request keeps its own id when it is sane`() {
        #expect(RequestID.taken(from: "run-7.a_b") == "run-7.a_b")
        let strange = ["a b", "", "naïve", String(repeating: "x", count: 129), "a\r\nb"]
        for text in strange {
            #expect(RequestID.taken(from: text) != text)
            #expect(RequestID.taken(from: text).count == 36)
        }
    }
}
