internal import AsyncHTTPClient
internal import DibsCore
internal import DibsJSON
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// Where the server is, and how one request goes there and back.
struct ServerConnection: Sendable {
    /// Without a slash at the end.
    let address: String

    /// An answer may have so many bytes.
    private static let answerLimit = 64 * 1024 * 1024
    /// A server that says nothing for so long is taken for gone.
    private static let patience = 30

    /// One client for the process, never shut down.
    ///
    /// It is not `HTTPClient.shared`, which tries a refused connection again until the deadline:
    /// who forgot to start the server should hear so at once.
    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.timeout.connect = .seconds(10)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    init(_ address: String) throws {
        guard let url = URL(string: address), ["http", "https"].contains(url.scheme),
            url.host()?.isEmpty == false
        else {
            throw DibsError(
                .usage, "That is no address of a server.", details: ["url": address],
                hint: "Use http://HOST:PORT, such as http://127.0.0.1:7171.")
        }
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
    }

    func send<Answer: Decodable>(
        _ method: HTTPMethod, _ path: String, _ query: [String: String?] = [:],
        _ page: PageRequest? = nil, as caller: Credential?
    ) async throws -> Answer {
        var query = query
        if let page {
            query["limit"] = "\(page.limit)"
            query["cursor"] = page.cursor
        }
        let request = request(method, path + Self.text(of: query), as: caller)
        return try await answer(to: request, waiting: 0)
    }

    func send<Answer: Decodable>(
        _ method: HTTPMethod, _ path: String, body: some Encodable, as caller: Credential,
        waiting seconds: Int = 0
    ) async throws -> Answer {
        var request = request(method, path, as: caller)
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try Wire.encode(body)))
        return try await answer(to: request, waiting: seconds)
    }

    /// Removes what is at a path.
    func remove(_ path: String, as caller: Credential) async throws {
        _ = try await accepted(request(.DELETE, path, as: caller), waiting: 0)
    }

    private func request(
        _ method: HTTPMethod, _ path: String, as caller: Credential?
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        request.headers.add(name: "accept", value: "application/json")
        if let caller {
            request.headers.add(name: "authorization", value: "Bearer \(caller.secret)")
            if let key = caller.idempotencyKey {
                request.headers.add(name: "idempotency-key", value: key)
            }
        }
        return request
    }

    private static func text(of query: [String: String?]) -> String {
        var components = URLComponents()
        components.queryItems = query.compactMap { name, value in
            value.map { URLQueryItem(name: name, value: $0) }
        }
        .sorted { $0.name < $1.name }
        let text = components.percentEncodedQuery?.replacing("+", with: "%2B") ?? ""
        return text.isEmpty ? "" : "?" + text
    }

    private func answer<Answer: Decodable>(
        to request: HTTPClientRequest, waiting seconds: Int
    ) async throws -> Answer {
        let bytes = try await accepted(request, waiting: seconds)
        do {
            let json = try Wire.parse(bytes.readableBytesView, within: .ours)
            return try Wire.decode(Answer.self, from: json)
        } catch let error as DibsError {
            throw unreadable("\(error)")
        }
    }

    /// The server did it, and what it says of it cannot be taken.
    private func unreadable(_ reason: String) -> DibsError {
        DibsError(
            .unreadableAnswer, "The server's answer cannot be read.",
            details: ["url": address, "reason": reason],
            hint: "See that client and server are of one version, and what the answer holds.")
    }

    /// The body of an answer that is no error.
    private func accepted(
        _ request: HTTPClientRequest, waiting seconds: Int
    ) async throws -> ByteBuffer {
        let (status, bytes) = try await exchange(request, waiting: seconds)
        if (200..<300).contains(status) { return bytes }
        if let problem = Problem(bytes.readableBytesView) { throw problem.error }
        throw DibsError(
            .serverUnreachable, "Something else than Dibs answers at this address.",
            details: ["url": address, "status": "\(status)"],
            hint: "Check --url or DIBS_URL; start a server with: dibs serve")
    }

    private func exchange(
        _ request: HTTPClientRequest, waiting seconds: Int
    ) async throws -> (Int, ByteBuffer) {
        do {
            let timeout = TimeAmount.seconds(Int64(Self.patience + min(max(0, seconds), 3600)))
            let response = try await Self.client.execute(request, timeout: timeout)
            let body = try await response.body.collect(upTo: Self.answerLimit)
            return (Int(response.status.code), body)
        } catch is CancellationError {
            throw CancellationError()
        } catch is NIOTooManyBytesError {
            throw unreadable("more than \(Self.answerLimit) bytes")
        } catch {
            throw DibsError(
                .serverUnreachable, "The server cannot be reached.",
                details: ["url": address, "reason": "\(error)"],
                hint: "Start it with: dibs serve; or check --url or DIBS_URL.")
        }
    }
}
