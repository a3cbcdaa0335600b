import DibsCore
import DibsEngine
import Foundation
import Testing

@Suite(
    "Claims that wait are woken oldest first, and hand on what they cannot use",
    .timeLimit(.minutes(5)))
struct WakesTests {
    private let wakes = Wakes()
    private let site = Workspace.ID(UUID())
    private let other = Workspace.ID(UUID())

    private func task(in workspace: Workspace.ID, needs: [String] = []) throws -> Wakes.Opening {
        .task(AgentTask.ID(UUID()), in: workspace, needs: try Capabilities(needs))
    }

    private func request(
        in workspace: Workspace.ID? = nil, offering names: [String] = []
    ) throws -> ClaimRequest {
        var request = ClaimRequest(runner: "r")
        request.workspaceID = workspace
        request.capabilities = try Capabilities(names)
        return request
    }

    /// A claim that has looked, found nothing, and waits until it is woken.
    private func parked(_ request: ClaimRequest) async -> (Wakes.Ticket, Task<Void, Never>) {
        let ticket = wakes.join(request)
        wakes.look(ticket)
        return (ticket, await park(ticket))
    }

    private func park(_ ticket: Wakes.Ticket) async -> Task<Void, Never> {
        let count = wakes.parked
        let waiting = Task { [wakes] in await wakes.wait(ticket, atMost: .seconds(600)) }
        while wakes.parked == count { await Task.yield() }
        return waiting
    }

    @Test func `a task wakes the one that has waited longest, and nobody else`() async throws {
        let (first, woken) = await parked(try request())
        let (second, waiting) = await parked(try request())
        let opening = try task(in: site)
        wakes.offer([opening])
        await woken.value
        #expect(wakes.parked == 1)
        wakes.look(first)
        guard case .task(let id, _, _) = opening else { return }
        wakes.leave(first, with: [id])
        #expect(wakes.parked == 1, "what was used is not handed on")
        waiting.cancel()
        await waiting.value
        wakes.leave(second, with: [])
    }

    @Test func `who cannot use it hands it on, and waits again`() async throws {
        let (first, woken) = await parked(try request())
        let (_, next) = await parked(try request())
        wakes.offer([.room])
        await woken.value
        wakes.look(first)
        let again = Task { [wakes] in await wakes.wait(first, atMost: .seconds(600)) }
        await next.value
        while wakes.parked == 0 { await Task.yield() }
        wakes.callAll()
        await again.value
    }

    @Test func `who goes without it hands it on`() async throws {
        let (first, woken) = await parked(try request())
        let (second, next) = await parked(try request())
        let (_, last) = await parked(try request())
        wakes.offer([.room, try task(in: site)])
        await woken.value
        wakes.leave(first, with: [AgentTask.ID(UUID())])
        await next.value
        #expect(wakes.parked == 1, "its slot was used, the task was not")
        wakes.leave(second, with: [])
        await last.value
    }

    @Test func `a task wakes only who may want it`() async throws {
        let (_, elsewhere) = await parked(try request(in: other, offering: ["gpu"]))
        let (_, plain) = await parked(try request(in: site))
        let (_, fitting) = await parked(try request(in: site, offering: ["gpu", "arm"]))
        wakes.offer([try task(in: site, needs: ["gpu"])])
        await fitting.value
        #expect(wakes.parked == 2)
        wakes.callAll()
        await plain.value
        await elsewhere.value
    }

    /// Whether a claim that has looked goes on at once, and does not wait to be woken.
    private func goesOn(_ ticket: Wakes.Ticket) async -> Bool {
        let (wakes, count) = (wakes, wakes.parked)
        let isDone = AsyncStream.makeStream(of: Bool.self)
        let waiting = Task {
            await wakes.wait(ticket, atMost: .seconds(600))
            isDone.continuation.yield(true)
        }
        let watching = Task {
            while wakes.parked == count, !Task.isCancelled { await Task.yield() }
            isDone.continuation.yield(false)
        }
        let goesOn = await isDone.stream.first { _ in true }
        waiting.cancel()
        watching.cancel()
        await waiting.value
        return goesOn == true
    }

    @Test func `what opens while a claim looks is not missed`() async throws {
        let ticket = wakes.join(try request())
        wakes.look(ticket)
        wakes.offer([.room])
        #expect(await goesOn(ticket))
        wakes.look(ticket)
        wakes.callAll()
        #expect(await goesOn(ticket))
        wakes.look(ticket)
        #expect(await !goesOn(ticket), "what it has looked with already is not news")
        wakes.leave(ticket, with: [])
    }

    @Test func `what opens before the first look is not missed`() async throws {
        let ticket = wakes.join(try request())
        wakes.offer([.room])
        #expect(await goesOn(ticket))
        wakes.leave(ticket, with: [])
    }
}
