import DibsCore
import DibsJSON
import Testing

@Suite("A body says what it means, or is refused by name")
struct WireTests {
    private static let workspace = "0b9ab0ad-3f0d-4c2e-9c4c-0d5a4a4f6d11"

    /// The error that reading a body throws; nil when it can be read.
    private func refusal<Body: WireBody>(of text: String, as type: Body.Type) -> DibsError? {
        do {
            _ = try Wire.decode(body: type, from: text.utf8)
            return nil
        } catch {
            return error as? DibsError
        }
    }

    @Test func `what is no JSON is refused with the place of the fault`() {
        let error = refusal(of: #"{"name": "a",}"#, as: NewAccount.self)
        #expect(error?.code == .malformedJSON)
        #expect(error?.details["offset"] == "13")
    }

    @Test func `a field nobody knows is refused by name, and the hint lists those that are`() {
        let error = refusal(of: #"{"name": "a", "maxCost": "5"}"#, as: NewAccount.self)
        #expect(error?.code == .unknownField)
        #expect(error?.details["field"] == "maxCost")
        #expect(error?.hint?.contains("maxCostPerDay") == true)
    }

    @Test(arguments: [
        (#"{"name": "a", "gitConfig": {"base": "main"}}"#, "gitConfig.base", "baseBranch"),
        (#"{"name": "a", "memory": {"free": {"as": "it is"}}, "x": 1}"#, "x", "memory"),
    ])
    func `a field nobody knows is refused at every depth but in what is free`(
        body: String, field: String, known: String
    ) {
        let error = refusal(of: body, as: NewWorkspace.self)
        #expect(error?.code == .unknownField && error?.details["field"] == field)
        #expect(error?.hint?.contains(known) == true)
    }

    @Test func `the fields of what a worker waits for are known too, and the answer's are not`()
        throws
    {
        let asked = #"{"waitingFor": {"prompt": "?", "choices": ["a"]}}"#
        let error = refusal(of: asked, as: Report.self)
        #expect(error?.details["field"] == "waitingFor.choices")
        let newer = #"{"baseBranch": "main", "of": {"a": "later"}, "version": 2}"#
        let read = try Wire.decode(GitConfig.self, from: Wire.parse(newer.utf8))
        #expect(read.baseBranch == "main")
    }

    @Test func `a list of options without any is refused unless free text is asked for`() throws {
        func asked(_ rest: String) -> String {
            #"{"waitingFor": {"prompt": "?"\#(rest)}}"#
        }
        let error = refusal(of: asked(#", "options": []"#), as: Report.self)
        #expect(error?.code == .invalidField)
        #expect(error?.details["field"] == "waitingFor.options")
        for rest in ["", #", "options": null"#, #", "options": [], "freeText": true"#] {
            #expect(refusal(of: asked(rest), as: Report.self) == nil, "\(rest)")
        }
        let kept = #"{"prompt": "?", "options": []}"#
        let read = try Wire.decode(WaitingFor.self, from: Wire.parse(kept.utf8))
        #expect(read.freeText)
    }

    @Test func `null takes a limit away, and a field that is missing changes nothing`() throws {
        let text = #"{"maxConcurrentWorkers": null, "maxConcurrentSessions": 2, "name": null}"#
        let change = try Wire.decode(body: AccountChange.self, from: text.utf8)
        #expect(change.maxConcurrentWorkers == .unlimited && change.maxConcurrentSessions == 2)
        #expect(change.maxCostPerDay == nil && change.name == nil)
        let sent = String(decoding: try Wire.encode(change), as: UTF8.self)
        #expect(sent == #"{"maxConcurrentSessions":2,"maxConcurrentWorkers":null}"#)
    }

    @Test func `a field that must be there and is not is named`() {
        let error = refusal(of: #"{"workspaceId": "\#(Self.workspace)"}"#, as: NewTask.self)
        #expect(error?.code == .missingField)
        #expect(error?.details["field"] == "title")
    }

    @Test func `a value of another type is refused with the path to it`() {
        let error = refusal(
            of: #"{"status": "waiting_input", "waitingFor": {"prompt": 7}}"#, as: Report.self)
        #expect(error?.code == .invalidField)
        #expect(error?.details["field"] == "waitingFor.prompt")
    }

    @Test func `a whole number is not read from one with a fraction`() {
        let error = refusal(of: #"{"runner": "r", "maxTasks": 1.5}"#, as: ClaimRequest.self)
        #expect(error?.code == .invalidField)
        #expect(error?.details["field"] == "maxTasks")
    }

    @Test func `a word that means nothing is refused`() {
        let error = refusal(of: #"{"name": "a", "level": "king"}"#, as: NewAccount.self)
        #expect(error?.code == .invalidField)
        #expect(error?.details["field"] == "level")
    }

    @Test(arguments: ["7", "not-a-uuid", "0b9ab0ad3f0d4c2e9c4c0d5a4a4f6d11"])
    func `an id that is no UUID is refused`(text: String) {
        let error = refusal(of: #"{"workspaceId": "\#(text)", "title": "t"}"#, as: NewTask.self)
        #expect(error?.code == .invalidID)
        #expect(error?.details["field"] == "workspaceId")
    }

    @Test func `an id in a list is named by its place`() {
        let body = #"""
            {"workspaceId": "\#(Self.workspace)", "title": "t",
             "dependsOn": ["\#(Self.workspace)", "x"]}
            """#
        let error = refusal(of: body, as: NewTask.self)
        #expect(error?.code == .invalidID)
        #expect(error?.details["field"] == "dependsOn.1")
    }

    @Test(arguments: [
        ("\"0.000000001\"", "0.000000001"), ("0.1", "0.1"), ("0.30000000000000000000", "0.3"),
        ("1e2", "100"), ("8999999999.999999999", "8999999999.999999999"),
    ])
    func `an amount is read from its digits, never through a float`(
        written: String, exact: String
    ) throws {
        let body = #"{"costUsd": \#(written)}"#
        let report = try Wire.decode(body: Report.self, from: body.utf8)
        #expect(report.costUSD?.description == exact)
    }

    @Test(arguments: ["\"0.0000000001\"", "9000000000", "\"five\"", "\"\""])
    func `an amount that would lose something is refused`(written: String) {
        let error = refusal(of: #"{"costUsd": \#(written)}"#, as: Report.self)
        #expect(error?.code == .invalidAmount)
        #expect(error?.details["field"] == "costUsd")
    }

    @Test func `a body that is no object is refused`() {
        #expect(refusal(of: "[1]", as: Rights.self) != nil)
        #expect(refusal(of: "", as: Rights.self)?.code == .malformedJSON)
    }

    @Test func `what needs no body takes none, or an empty object`() throws {
        try Wire.decodeNothing(from: [])
        try Wire.decodeNothing(from: Array("{}".utf8))
        #expect(throws: DibsError.self) {
            try Wire.decodeNothing(from: Array(#"{"reason": "why not"}"#.utf8))
        }
    }

    @Test func `what is left out has its default`() throws {
        let body = #"{"workspaceId": "\#(Self.workspace)", "title": "t"}"#
        let task = try Wire.decode(body: NewTask.self, from: body.utf8)
        #expect(task.maxAttempts == 3)
        #expect(task.priority == 0)
        #expect(task.requiredCapabilities == .none)
    }

    @Test func `what a client sends is what a server reads`() throws {
        let claim = ClaimRequest(
            capabilities: try Capabilities(["gpu"]), runner: "r", waitSeconds: 5)
        let read = try Wire.decode(body: ClaimRequest.self, from: Wire.encode(claim))
        #expect(read == claim)
    }

    @Test func `a page has its items, and a cursor only when there is more`() throws {
        let last = try Wire.encode(Page(items: [1, 2]))
        #expect(String(decoding: last, as: UTF8.self) == #"{"items":[1,2]}"#)
        let more = try Wire.encode(Page(items: [1], nextCursor: "c"))
        #expect(String(decoding: more, as: UTF8.self) == #"{"items":[1],"nextCursor":"c"}"#)
        let read = try Wire.decode(Page<Int>.self, from: Wire.parse(more))
        #expect(read == Page(items: [1], nextCursor: "c"))
    }
}
