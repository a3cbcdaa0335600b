package import DibsCore
internal import Synchronization

/// The claims that wait, in the order they came, and what wakes them.
///
/// A task or a slot that opens wakes the claim that has waited longest of those it may be for; a
/// claim that cannot use it hands it on to the next. A wake is only a hint to look again: who waits
/// also looks once a second, for what another server opens wakes nobody here.
package final class Wakes: Sendable {
    /// An opening that may let one waiting claim through.
    package enum Opening: Sendable, Hashable {
        /// A task may be claimed, in a workspace, by who offers what it needs.
        case task(AgentTask.ID, in: Workspace.ID, needs: Capabilities)
        /// There is a slot, a seat, a place or money; where, is for the claim to find.
        case room

        fileprivate func may(_ request: ClaimRequest) -> Bool {
            guard case .task(let id, let workspace, let needs) = self else { return true }
            return request.taskID ?? id == id && request.workspaceID ?? workspace == workspace
                && Set(needs.names).isSubset(of: request.capabilities.names)
        }
    }

    /// The place of a claim among those that wait.
    package struct Ticket: Sendable, Hashable {
        fileprivate let number: Int
    }

    private typealias Parked = CheckedContinuation<Void, Never>

    private struct Waiting {
        let ticket: Ticket
        let request: ClaimRequest
        /// Openings given before it began to look.
        var inHand: [Opening] = []
        /// Openings given since.
        var given: [Opening] = []
        /// Whether it is to look again whatever it was given.
        var isCalled = false
        var parked: Parked?
    }

    private struct Queue {
        var last = 0
        var waiting: [Waiting] = []

        func index(of ticket: Ticket) -> Int? { waiting.firstIndex { $0.ticket == ticket } }

        /// Gives each opening to the first claim behind a ticket that it may be for; answers whom
        /// to resume.
        mutating func give(
            _ openings: [Opening], behind ticket: Ticket?
        ) -> [Parked] {
            openings.compactMap { opening in
                let next = waiting.firstIndex {
                    $0.ticket.number > ticket?.number ?? 0 && opening.may($0.request)
                }
                guard let next else { return nil }
                waiting[next].given.append(opening)
                return waiting[next].parked.take()
            }
        }
    }

    private let queue = Mutex(Queue())

    /// Nobody waits.
    package init() {}

    /// Number of parked claims.
    package var parked: Int { queue.withLock { $0.waiting.count { $0.parked != nil } } }

    /// Takes the last place; do it before the first look, so that no opening is missed.
    package func join(_ request: ClaimRequest) -> Ticket {
        queue.withLock { queue in
            queue.last += 1
            let ticket = Ticket(number: queue.last)
            queue.waiting.append(Waiting(ticket: ticket, request: request))
            return ticket
        }
    }

    /// Says that a claim begins to look, with what it was given so far.
    package func look(_ ticket: Ticket) {
        queue.withLock { queue in
            guard let index = queue.index(of: ticket) else { return }
            queue.waiting[index].inHand += queue.waiting[index].given
            queue.waiting[index].given = []
            queue.waiting[index].isCalled = false
        }
    }

    /// Hands on what the look could not use, and returns when there is something new, or after a
    /// time.
    package func wait(_ ticket: Ticket, atMost timeout: Duration) async {
        let timer = Task { [self] in
            // One that was cancelled must not wake the same claim where it waits next.
            do { try await Task.sleep(for: timeout) } catch { return }
            unpark(ticket)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumed = queue.withLock { queue -> [Parked] in
                    guard let index = queue.index(of: ticket) else { return [continuation] }
                    let unused = queue.waiting[index].inHand
                    queue.waiting[index].inHand = []
                    let waiting = queue.waiting[index]
                    var resumed = queue.give(unused, behind: ticket)
                    if waiting.isCalled || !waiting.given.isEmpty || Task.isCancelled {
                        resumed.append(continuation)
                    } else {
                        queue.waiting[index].parked = continuation
                    }
                    return resumed
                }
                for continuation in resumed { continuation.resume() }
            }
        } onCancel: {
            unpark(ticket)
        }
        timer.cancel()
    }

    /// Gives the place up, and hands on what was not used to get these tasks.
    package func leave(_ ticket: Ticket, with taken: Set<AgentTask.ID>) {
        let resumed = queue.withLock { queue in
            guard let index = queue.index(of: ticket) else { return [Parked]() }
            let waiting = queue.waiting.remove(at: index)
            let openings = waiting.inHand + waiting.given
            let tasks = openings.filter {
                if case .task(let id, _, _) = $0 { !taken.contains(id) } else { false }
            }
            let rooms = openings.filter { $0 == .room }.dropFirst(taken.count)
            return queue.give(tasks + rooms, behind: ticket)
        }
        for continuation in resumed { continuation.resume() }
    }

    /// Wakes one claim for each opening.
    package func offer(_ openings: [Opening]) {
        let resumed = queue.withLock { $0.give(openings, behind: nil) }
        for continuation in resumed { continuation.resume() }
    }

    /// Wakes everybody: limits or rights have changed.
    package func callAll() {
        let resumed = queue.withLock { queue in
            queue.waiting.indices.compactMap { index in
                queue.waiting[index].isCalled = true
                return queue.waiting[index].parked.take()
            }
        }
        for continuation in resumed { continuation.resume() }
    }

    /// Wakes it, also when it is only about to park.
    private func unpark(_ ticket: Ticket) {
        queue.withLock { queue -> Parked? in
            guard let index = queue.index(of: ticket) else { return nil }
            queue.waiting[index].isCalled = true
            return queue.waiting[index].parked.take()
        }?.resume()
    }
}
