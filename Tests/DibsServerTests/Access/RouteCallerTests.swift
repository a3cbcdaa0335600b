import AsyncHTTPClient
import DibsCore
import DibsServer
import DibsTesting
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@Suite("Each route answers each caller as its line of the table says")
struct RouteCallerTests {
    /// A column where an answer was another than expected.
    private struct Difference: CustomStringConvertible {
        let line: RouteCallerTable.Line
        let caller: RouteCaller
        let expected: Int
        let found: Int
        var description: String {
            "\(line.route), \(line.target), \(caller): \(found), not \(expected)"
        }
    }

    @Test func `every route of the API has its lines, a status for each caller`() throws {
        let routes = Set(RouteTable.api.routes.map { "\($0.method.rawValue) \($0.path)" })
        let lines = try RouteCallerTable.lines
        #expect(Set(lines.map(\.route)) == routes)
        #expect(Set(RouteCalls.all.keys) == routes)
        for route in routes {
            let targets = lines.filter { $0.route == route }.map(\.target)
            #expect(targets == RouteTarget.allCases, "\(route)")
        }
    }

    @Test(arguments: Door.remote)
    func `every cell of the table is what the server answers`(through door: Door) async throws {
        try await door.open { bed in
            let world = try await RouteWorld(bed)
            var differences: [Difference] = []
            for line in try RouteCallerTable.lines {
                differences += try await self.differences(in: line, of: world)
            }
            let said = differences.map(\.description).joined(separator: "\n")
            #expect(differences.isEmpty, "\n\(said)")
        }
    }

    /// Asks as each caller in turn; a thing that was changed is made ready anew for the next.
    private func differences(
        in line: RouteCallerTable.Line, of world: RouteWorld
    ) async throws -> [Difference] {
        let making = try #require(RouteCalls.all[line.route])
        var ready: RouteCall?
        var found: [Difference] = []
        for (caller, expected) in zip(RouteCaller.allCases, line.statuses) {
            let call: RouteCall
            if let ready { call = ready } else { call = try await making(world, line.target) }
            let status = try await ask(line.method, call, as: caller, in: world)
            ready = status < 300 && line.method != .GET ? nil : call
            guard status != expected else { continue }
            found.append(Difference(line: line, caller: caller, expected: expected, found: status))
        }
        return found
    }

    private func ask(
        _ method: HTTPMethod, _ call: RouteCall, as caller: RouteCaller, in world: RouteWorld
    ) async throws -> Int {
        var request = HTTPClientRequest(url: world.bed.address + call.path)
        request.method = method
        if let secret = world.secret(of: caller, for: call) {
            request.headers.add(name: "authorization", value: "Bearer \(secret)")
        }
        if !call.body.isEmpty { request.body = .bytes(ByteBuffer(string: call.body)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        _ = try await response.body.collect(upTo: 1 << 22)
        return Int(response.status.code)
    }
}
