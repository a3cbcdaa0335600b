package import HTTPTypes

/// One thing the API can do: a method, a path, and what answers.
package struct Route: Sendable {
    /// The callers that may call it.
    package enum Access: Sendable, Hashable {
        /// Everybody, as `/healthz`.
        case anyone
        /// Callers that send a key; whether it opens anything, the service says.
        case keyOnly
        /// As `keyOnly`; and a worker's own token also after its worker's end, when `{id}` is that
        /// worker: a late word is answered with who has the task now.
        case lateWorker
    }

    /// The code that answers a call; throws `DibsError`.
    package typealias Handler = @Sendable (Call) async throws -> Answer

    /// GET, POST, PUT, PATCH or DELETE.
    package let method: HTTPRequest.Method
    /// The path, with `{name}` where something is captured.
    package let path: String
    /// The query parameters it takes; all others are refused.
    package let query: [String]
    /// The callers that may call it.
    package let access: Access
    /// Whether it may wait for longer than a request may take, and then keeps its own time.
    package let waits: Bool
    /// The code that answers.
    package let handler: Handler

    /// A route, as a line of the table.
    package init(
        _ method: HTTPRequest.Method, _ path: String, query: [String] = [],
        access: Access = .keyOnly, waits: Bool = false, handler: @escaping Handler
    ) {
        (self.method, self.path, self.query) = (method, path, query)
        (self.access, self.waits, self.handler) = (access, waits, handler)
    }

    /// The methods it answers: what takes GET takes HEAD, too.
    package var servedMethods: [HTTPRequest.Method] {
        method == .get ? [.get, .head] : [method]
    }

    /// The parameters of every list.
    package static let pageQuery = ["limit", "cursor"]

    /// Whether a path has this route's shape.
    package func fits(_ path: some StringProtocol) -> Bool {
        let wanted = self.path.split(separator: "/")
        let given = path.split(separator: "/")
        return wanted.count == given.count
            && zip(wanted, given).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }

    /// The names captured from the path, in order.
    package var captureNames: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }
            .map { String($0.dropFirst().dropLast()) }
    }
}
