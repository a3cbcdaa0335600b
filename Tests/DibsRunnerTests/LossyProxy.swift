import Foundation
import Synchronization

/// A proxy before a server, which loses and changes what a test wants lost and changed.
///
/// One request a connection; a request is passed on with `connection: close`.
final class LossyProxy: Sendable {
    /// A request as it came in.
    struct Request: Sendable {
        /// The method and the path: `POST /api/workers/claim`.
        let target: String
        let head: String
        let body: String

        func header(_ name: String) -> String? {
            head.components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix(name + ":") }?
                .drop { $0 != ":" }.dropFirst().trimmingCharacters(in: .whitespaces)
        }
    }

    enum Fate {
        case passes
        /// The server does it, and nobody hears so.
        case answerLost
        /// The server never hears it; a problem is answered.
        case refused(status: Int, code: String, details: String = "{}")
        /// The server does it, and the answer's body is changed.
        case edited(@Sendable (String) -> String)
    }

    private let socket: Int32
    private let upstream: UInt16
    private let requests = Mutex<[Request]>([])
    private let waiting = Mutex<Set<Int32>>([])
    private let fate: @Sendable (Request, _ earlier: [Request]) -> Fate

    /// Where it listens.
    let address: String

    /// Every request so far.
    var seen: [Request] { requests.withLock { $0 } }

    init(
        before server: String, fate: @escaping @Sendable (Request, _ earlier: [Request]) -> Fate
    ) throws {
        let port = URL(string: server)?.port ?? 0
        upstream = UInt16(port)
        self.fate = fate
        let socket = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.socket = socket
        var place = Self.place(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, length) == 0 && listen(socket, 64) == 0
                    && getsockname(socket, $0, &length) == 0
            }
        }
        guard bound else { throw CocoaError(.fileReadUnknown) }
        address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
        Thread.detachNewThread { [self] in
            while true {
                let client = accept(socket, nil, nil)
                guard client >= 0 else { return }
                Thread.detachNewThread { [self] in
                    serve(client)
                    Foundation.close(client)
                }
            }
        }
    }

    /// Hears nothing more, and waits for no answer.
    func close() {
        for socket in waiting.withLock({ $0 }) { shutdown(socket, Int32(SHUT_RDWR)) }
        shutdown(socket, Int32(SHUT_RDWR))
        Foundation.close(socket)
    }

    private func serve(_ client: Int32) {
        guard let request = Self.request(from: client) else { return }
        let earlier = requests.withLock { all in
            defer { all.append(request) }
            return all
        }
        switch fate(request, earlier) {
        case .passes: pass(request, to: client) { $0 }
        case .answerLost: _ = forwarded(request)
        case .refused(let status, let code, let details):
            let body =
                #"{"status":\#(status),"code":"\#(code)","detail":"x","details":\#(details)}"#
            Self.write(Self.answer("HTTP/1.1 \(status) No", body), to: client)
        case .edited(let edit): pass(request, to: client, edit)
        }
    }

    /// Writes the server's answer anew, so that it says that the connection ends with it.
    private func pass(_ request: Request, to client: Int32, _ edit: (String) -> String) {
        let whole = String(decoding: forwarded(request), as: UTF8.self)
        guard let end = whole.range(of: "\r\n\r\n") else { return }
        let status = whole.components(separatedBy: "\r\n")[0]
        Self.write(Self.answer(status, edit(String(whole[end.upperBound...]))), to: client)
    }

    private static func answer(_ status: String, _ body: String) -> [UInt8] {
        Array(
            """
            \(status)\r
            content-type: application/json\r
            content-length: \(body.utf8.count)\r
            connection: close\r
            \r
            \(body)
            """.utf8)
    }

    private func forwarded(_ request: Request) -> [UInt8] {
        let server = Foundation.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        waiting.withLock { _ = $0.insert(server) }
        defer {
            waiting.withLock { _ = $0.remove(server) }
            Foundation.close(server)
        }
        var place = Self.place(upstream)
        let connected = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard connected else { return [] }
        let lines = request.head.components(separatedBy: "\r\n")
            .filter { !$0.lowercased().hasPrefix("connection:") }
        let head = (lines + ["connection: close", "", ""]).joined(separator: "\r\n")
        Self.write(Array((head + request.body).utf8), to: server)
        var answer: [UInt8] = []
        while case let bytes = Self.read(from: server), !bytes.isEmpty { answer += bytes }
        return answer
    }

    private static func request(from client: Int32) -> Request? {
        var bytes: [UInt8] = []
        while true {
            let more = read(from: client)
            guard !more.isEmpty else { return nil }
            bytes += more
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = String(text[..<end.lowerBound])
            let target = head.split(separator: " ").prefix(2).joined(separator: " ")
            let request = Request(
                target: target, head: head, body: String(text[end.upperBound...]))
            let length = request.header("content-length").flatMap { Int($0) } ?? 0
            if request.body.utf8.count >= length { return request }
        }
    }

    private static func read(from socket: Int32) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(socket, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : []
    }

    private static func write(_ bytes: [UInt8], to socket: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func place(_ port: UInt16) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return place
    }
}
