import AsyncHTTPClient
import DibsCore
import DibsData
import DibsFuzz
import DibsJSON
import DibsTesting
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import DibsServer

/// Every field of every body, every parameter and every id of the route table, given the values at
/// the edges of all types on an otherwise good request: whatever is answered, it is no 5xx, and the
/// server lives.
@Suite("No value in any place makes the server fail", .timeLimit(.minutes(10)))
struct FieldFuzzTests {
    /// A good body of a route, and the fields it may have.
    private struct Body {
        let fields: [String]
        let good: [String: String]

        init(
            _ type: (some WireBody).Type, _ good: [String: String], without left: Set<String> = []
        ) {
            (fields, self.good) = (type.fieldNames.filter { !left.contains($0) }, good)
        }
    }

    /// What the requests name.
    private struct Place {
        let bed: TestBed
        let account: Account.ID
        let workspace: Workspace.ID
        let task: AgentTask.ID
        let worker: Worker.ID
        let token: Credential

        /// By method and path; a route with a body that is missing here gets one without fields.
        func body(of route: Route, _ number: Int) -> Body? {
            let name = "\"n\(number)\""
            return switch "\(route.method) \(route.path)" {
            case "POST /api/accounts": Body(NewAccount.self, ["name": name])
            case "PATCH /api/accounts/{id}": Body(AccountChange.self, [:])
            case "PUT /api/accounts/{id}/workspaces/{workspaceId}": Body(Rights.self, [:])
            case "POST /api/workspaces": Body(NewWorkspace.self, ["name": name])
            case "PATCH /api/workspaces/{id}": Body(WorkspaceChange.self, [:])
            case "POST /api/workspaces/{id}/sources": Body(NewSource.self, ["name": name])
            case "POST /api/tasks":
                Body(NewTask.self, ["title": name, "workspaceId": "\"\(workspace)\""])
            case "PATCH /api/tasks/{id}": Body(TaskUpdate.self, [:])
            case "POST /api/workers/claim": Body(ClaimRequest.self, ["runner": name])
            case "PATCH /api/workers/{id}": Body(Report.self, ["progress": "1"])
            // A good number of seconds is waited for; BeatTests has the bad ones.
            case "POST /api/workers/{id}/heartbeat":
                Body(Beat.self, [:], without: ["waitSeconds"])
            case "POST /api/workers/{id}/artifacts":
                Body(NewArtifact.self, ["type": "\"log\"", "title": name])
            case "POST /api/workers/{id}/costs": Body(NewCost.self, ["amountUsd": "\"0.01\""])
            case "POST /api/workers/{id}/answer": Body(NewAnswer.self, ["answer": name])
            default: nil
            }
        }

        func path(_ route: Route) -> String {
            let own =
                route.path.hasPrefix("/api/accounts")
                ? "\(account)"
                : route.path.hasPrefix("/api/workspaces")
                    ? "\(workspace)" : route.path.hasPrefix("/api/tasks") ? "\(task)" : "\(worker)"
            return route.path.replacing("{id}", with: own)
                .replacing("{workspaceId}", with: "\(workspace)")
        }
    }

    private func place(_ bed: TestBed) async throws -> Place {
        let workspace = try await bed.workspace()
        let (account, key) = try await bed.account(in: workspace)
        try await bed.task(in: workspace)
        let worker = try #require(try await bed.claim(as: key).first)
        let task = try await bed.task("Another", in: workspace)
        return Place(
            bed: bed, account: account.id, workspace: workspace.id, task: task.id,
            worker: worker.id, token: Credential(worker.token))
    }

    /// The slowest request so far; printed in long runs only, for no test hangs on a time.
    private static let slowest = Mutex((time: Duration.zero, said: ""))

    /// Statements that any one request may run: what it does in the database has a bound of its
    /// own, whatever it sends.
    private static let mostStatements = 60

    /// `make fuzz` tries every value in every field; other runs a part of them, another in each.
    private static let isLong = ProcessInfo.processInfo.environment["DIBS_FUZZ_SECONDS"] != nil

    private static func part(_ values: [String], _ number: Int) -> [String] {
        isLong ? values : values.indices.filter { $0 % 5 == number % 5 }.map { values[$0] }
    }

    private func printSlowest() {
        guard Self.isLong else { return }
        print("slowest: \(Self.slowest.withLock { "\($0.time) \($0.said)" })")
    }

    /// Sends a request and looks at its status only.
    private func send(
        _ method: String, _ path: String, _ body: String = "", as key: Credential, to bed: TestBed,
        once: String? = nil
    ) async throws {
        var request = HTTPClientRequest(url: bed.address + path)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "authorization", value: "Bearer \(key.secret)")
        if let once { request.headers.add(name: "idempotency-key", value: once) }
        if !body.isEmpty { request.body = .bytes(ByteBuffer(string: body)) }
        let said = "\(method) \(path.prefix(200)) \(body.prefix(300))"
        let before = bed.database.statements.count
        do {
            let start = ContinuousClock.now
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
            let time = ContinuousClock.now - start
            Self.slowest.withLock { if time > $0.time { $0 = (time, said) } }
            let bytes = try await response.body.collect(upTo: 1 << 26)
            let ran = bed.database.statements.count - before
            if ran > Self.mostStatements { Issue.record("\(ran) statements: \(said)") }
            guard response.status.code < 500 else {
                Issue.record(
                    "\(response.status.code) \(said): \(String(buffer: bytes).prefix(500))")
                return
            }
        } catch { Issue.record("\(error): \(said)") }
    }

    private func expectAlive(_ bed: TestBed) async throws {
        let address = bed.address + "/healthz"
        let response = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: address), timeout: .seconds(9))
        #expect(response.status == .ok)
    }

    private func text(_ members: [String: String]) -> String {
        let written = members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        return "{" + written.joined(separator: ",") + "}"
    }

    @Test(arguments: Door.remote)
    func `every field of every body`(through door: Door) async throws {
        try await door.open(meddling: true) { bed in
            let place = try await place(bed)
            let heavy = Boundaries.quoted(String(repeating: "x", count: 1024 * 1024))
            var number = 0
            var bodies = 0
            for route in RouteTable.api.routes {
                guard let fields = place.body(of: route, 0)?.fields else { continue }
                bodies += 1
                let (method, path) = (route.method.rawValue, place.path(route))
                let keys = path.contains("/workers/") ? [bed.admin, place.token] : [bed.admin]
                for (index, field) in fields.enumerated() {
                    for value in Self.part(Boundaries.fields, index) + [heavy] {
                        number += 1
                        var members = place.body(of: route, number)?.good ?? [:]
                        members[field] = value
                        let key = keys[number % keys.count]
                        try await send(method, path, text(members), as: key, to: bed)
                    }
                }
                try await expectAlive(bed)
            }
            #expect(bodies == 14, "a route with a body is missing above")
            printSlowest()
        }
    }

    @Test(arguments: Door.remote)
    func `every parameter, cursor, id and key of a request`(through door: Door) async throws {
        try await door.open(meddling: true) { bed in
            let place = try await place(bed)
            let texts = Boundaries.texts.filter { $0.utf8.count < 3000 }
            let values =
                Array(Boundaries.numbers.prefix(50)) + Boundaries.times + Boundaries.ids + texts
            for route in RouteTable.api.routes {
                let (method, path) = (route.method.rawValue, place.path(route))
                for value in values.map(Self.escaped) {
                    for name in route.query {
                        let asked = "\(path)?\(name)=\(value)"
                        try await send(method, asked, as: bed.admin, to: bed)
                    }
                    guard let name = route.captureNames.first, !value.isEmpty else { continue }
                    let foreign = route.path.replacing("{\(name)}", with: value)
                        .replacing("{workspaceId}", with: "\(place.workspace)")
                    try await send(method, foreign, as: bed.admin, to: bed)
                }
                if route.query.contains("cursor") {
                    for cursor in try await Self.cursors(of: path, to: bed) {
                        try await send(method, "\(path)?cursor=\(cursor)", as: bed.admin, to: bed)
                    }
                }
                try await expectAlive(bed)
            }
            for value in texts where value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) {
                let new = Boundaries.quoted("w" + value.prefix(50).filter(\.isLetter))
                try await send(
                    "POST", "/api/workspaces", "{\"name\":\(new)}", as: bed.admin, to: bed,
                    once: value)
            }
            try await expectAlive(bed)
        }
    }

    private static func escaped(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// Cursors of the list, with each of its places at the edges of every type.
    private static func cursors(of path: String, to bed: TestBed) async throws -> [String] {
        var request = HTTPClientRequest(url: bed.address + path + "?limit=1")
        request.headers.add(name: "authorization", value: "Bearer \(bed.admin.secret)")
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        let bytes = try await response.body.collect(upTo: 1 << 26)
        let answer = try JSON.parse(bytes.readableBytesView, within: .ours)
        guard let next = answer["nextCursor"]?.string, let plain = decoded(next),
            case .array(let parts)? = try? JSON.parse(plain)
        else { return [] }
        let edges =
            Array(Boundaries.numbers.prefix(30)) + Boundaries.ids + Boundaries.texts.prefix(28)
        return parts.indices.flatMap { index in
            edges.map { edge in
                var changed = parts
                changed[index] = .string(edge)
                return encoded(JSON.array(changed).canonicalBytes)
            }
        } + [next + next, String(repeating: "A", count: 3000), "", "=", "%00"]
    }

    private static func decoded(_ cursor: String) -> Data? {
        let plain = cursor.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: plain + String(repeating: "=", count: (4 - plain.count % 4) % 4))
    }

    private static func encoded(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
