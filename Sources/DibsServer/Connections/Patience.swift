/// The times and sizes that one connection is given.
package struct Patience: Sendable, Hashable {
    /// From the connection to the end of its first request's head.
    package var firstHead = Duration.seconds(10)
    /// From the head of a request to its last byte.
    package var request = Duration.seconds(60)
    /// From an answer to the head of the next request; longer than clients keep idle connections.
    package var nextHead = Duration.seconds(75)
    /// From the first byte of an answer until the client has taken all of it.
    package var answer = Duration.seconds(60)
    /// Time for which the rest of a request is read and dropped once it is answered.
    package var drain = Duration.seconds(10)
    /// Bytes of such a rest that are read and dropped.
    package var drainedBytes = 32 * 1024 * 1024

    /// The patience of a server in service.
    package init() {}
}
