internal import CLibPQ
internal import DibsData
internal import Foundation

/// Waits until a socket can be read or written; false when the time is up before.
func isReady(
    _ socket: CInt, _ events: CInt, by end: ContinuousClock.Instant
) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(events), revents: 0)
    while true {
        let left = ContinuousClock.now.duration(to: end) / .milliseconds(1)
        let count = poll(&entry, 1, CInt(min(max(left.rounded(.up), 0), 60_000)))
        if count > 0 { return true }
        if count < 0, errno != EINTR { return true }  // the next call says what is wrong
        if count == 0, ContinuousClock.now >= end { return false }
    }
}

/// Connects with settings of libpq, later ones before earlier ones; throws `open` with what is
/// wrong.
func connect(
    with settings: [(name: String, value: String)], by end: ContinuousClock.Instant
) throws -> OpaquePointer {
    let handle = withCStrings(settings.map(\.name)) { names in
        withCStrings(settings.map(\.value)) { values in PQconnectStartParams(names, values, 1) }
    }
    guard let handle else { throw DataError(.open, "there is no memory for a connection") }
    var state = PQstatus(handle) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
    while state == PGRES_POLLING_READING || state == PGRES_POLLING_WRITING {
        let events = CInt(state == PGRES_POLLING_READING ? POLLIN : POLLOUT)
        guard isReady(PQsocket(handle), events, by: end) else {
            PQfinish(handle)
            throw DataError.connecting("timeout expired")
        }
        state = PQconnectPoll(handle)
    }
    guard state == PGRES_POLLING_OK else {
        let message = String(cString: PQerrorMessage(handle))
        PQfinish(handle)
        throw DataError.connecting(message)
    }
    // Warnings are nobody's to read, and would go to standard error.
    PQsetNoticeReceiver(handle, { _, _ in }, nil)
    PQsetnonblocking(handle, 1)
    return handle
}

/// Gives C an array of texts that ends with a null.
private func withCStrings<T>(
    _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> T
) -> T {
    let bytes = texts.map { Array($0.utf8CString) }
    let starts = bytes.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    return bytes.flatMap(\.self).withUnsafeBufferPointer { all in
        let pointers = starts.dropLast().map { all.baseAddress?.advanced(by: $0) } + [nil]
        return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}
