/// One row of a state machine: what happens, from where, and where it leads.
package struct Transition<State: Sendable & Equatable, Event: Sendable & Equatable>: Sendable {
    /// The event.
    package let event: Event
    /// The states in which it may happen.
    package let from: [State]
    /// The state it leads to.
    package let to: State

    /// A row of the table.
    package init(_ event: Event, from: [State], to: State) {
        (self.event, self.from, self.to) = (event, from, to)
    }
}

/// A status whose changes are one table.
package protocol StateMachine: RawRepresentable, CaseIterable, Sendable, Equatable
where RawValue == String {
    /// The events of the machine.
    associatedtype Event: RawRepresentable, CaseIterable, Sendable, Equatable
    where Event.RawValue == String

    /// The table; each event stands in it once.
    static var transitions: [Transition<Self, Event>] { get }
}

extension StateMachine {
    /// The row of an event.
    package static func transition(_ event: Event) -> Transition<Self, Event> {
        guard let row = transitions.first(where: { $0.event == event }) else {
            preconditionFailure("every event has a row; a test walks them")
        }
        return row
    }

    /// Finds the state that an event leads to from here; nil when it cannot happen.
    package func after(_ event: Event) -> Self? {
        let row = Self.transition(event)
        return row.from.contains(self) ? row.to : nil
    }

    /// Finds the state that an event leads to from here; throws `illegal_transition` with what
    /// could happen instead.
    package func afterOrThrow(_ event: Event) throws -> Self {
        if let next = after(event) { return next }
        let possible = Self.transitions.filter { $0.from.contains(self) }.map(\.event.rawValue)
        throw DibsError(
            .illegalTransition, "That cannot happen in its present state.",
            details: [
                "status": rawValue, "event": event.rawValue,
                "possible": possible.joined(separator: ", "),
            ],
            hint: "Read it again and act on its present status; docs/STATES.md has every change.")
    }
}

extension TaskStatus: StateMachine {}
extension WorkerStatus: StateMachine {}
