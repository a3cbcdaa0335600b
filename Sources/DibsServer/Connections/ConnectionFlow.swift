internal import NIOCore

/// The state of one connection: which requests wait for their answers, and whether it is to end.
///
/// HTTP/1.1 answers in the order of the requests. A connection ends after an answer when the client
/// or the answer says so, and when an answer is given before the whole request has come: the rest
/// is then drained within bounds, because a client that sends everything before it reads would
/// never see the answer if the connection were cut.
struct ConnectionFlow: Sendable {
    /// The fate of a part of a request.
    enum Inbound: Sendable, Hashable { case pass, drop, close }
    /// The fate of the head of an answer.
    enum Outbound: Sendable, Hashable { case pass, passAndClose, drop }
    /// The next step after an answer was sent.
    enum Next: Sendable, Hashable { case nextHead, nothing, drain, close }
    /// The fate of a request that cannot be parsed.
    enum Garbage: Sendable, Hashable { case answer, pass, drop }

    private enum State: Sendable, Hashable { case serving, lastAnswer, draining }

    private struct Pending: Sendable {
        var mayGoOn: Bool
        var wantsContinue: Bool
    }

    private let drainLimit: Int
    private var state = State.serving
    private var pending = CircularBuffer<Pending>()
    private var isReading = false
    private var closes = false
    private var isGarbage = false
    private var drained = 0

    init(drainLimit: Int) { self.drainLimit = drainLimit }

    /// Whether the rest of a request is being read and dropped.
    var isDraining: Bool { state == .draining }

    /// The head of a request has come.
    mutating func head(mayGoOn: Bool, wantsContinue: Bool) -> Inbound {
        guard state == .serving, !isGarbage else { return .drop }
        isReading = true
        pending.append(Pending(mayGoOn: mayGoOn, wantsContinue: wantsContinue))
        return .pass
    }

    /// Some of a request's body has come.
    mutating func body(_ count: Int) -> Inbound {
        guard state == .serving, !isGarbage else {
            drained += count
            return drained > drainLimit ? .close : .drop
        }
        if !pending.isEmpty {
            pending[pending.index(before: pending.endIndex)].wantsContinue = false
        }
        return .pass
    }

    /// The last byte of a request has come.
    mutating func end() -> Inbound {
        isReading = false
        switch state {
        case .serving: return isGarbage ? .drop : .pass
        case .lastAnswer: return .drop
        case .draining: return .close
        }
    }

    /// The body is about to be read; whether the client waits to be told so.
    mutating func mayContinue() -> Bool {
        guard state == .serving, pending.first?.wantsContinue == true else { return false }
        pending[pending.startIndex].wantsContinue = false
        return true
    }

    /// An answer begins.
    mutating func beginAnswer(asksToClose: Bool) -> Outbound {
        guard state == .serving else { return .drop }
        let isWhole = !(isReading && pending.count <= 1)
        closes = asksToClose || !isWhole || pending.first?.mayGoOn != true
        return closes ? .passAndClose : .pass
    }

    /// An answer ends; whether it is the last one.
    mutating func endAnswer() -> Bool {
        if !pending.isEmpty { pending.removeFirst() }
        if closes { state = .lastAnswer }
        return closes
    }

    /// The client has taken an answer.
    mutating func sent(last: Bool) -> Next {
        guard last else { return pending.isEmpty && !isReading ? .nextHead : .nothing }
        guard isReading else { return .close }
        state = .draining
        return .drain
    }

    /// The next request is none, or none that can be taken; nothing behind it is one.
    mutating func garbage() -> Garbage {
        guard state == .serving, !isGarbage else { return .drop }
        isGarbage = true
        guard pending.isEmpty else { return .pass }
        // Nobody knows where such a request ends: what is left of it is drained.
        isReading = true
        closes = true
        return .answer
    }
}
