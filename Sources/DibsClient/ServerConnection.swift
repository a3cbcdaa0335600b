internal import AsyncHTTPClient
internal import DibsCore
internal import DibsJSON
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// The way of one request to the server and back.
struct ServerConnection: Sendable {
    /// Without a slash at the end.
    let address: String

    /// An answer may have so many bytes.
    private static let answerLimit = 64 * 1024 * 1024
    /// A server that says nothing for so long is taken for gone.
    private static let patience = 30

    private let client: HTTPClient

    init(_ address: String, in environment: [String: String]) throws {
        let address = address.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let url = URL(string: address), ["http", "https"].contains(url.scheme),
            url.host()?.isEmpty == false, url.user() == nil, url.password() == nil
        else { throw Self.noAddress }
        self.address = address.hasSuffix("/") ? String(address.dropLast()) : address
        client = try Clients.client(for: ClientSettings(for: url, in: environment))
    }

    /// The address is not repeated: it may hold a password.
    private static let noAddress = DibsError(
        .usage, "That is no address of a server.",
        hint: "Use http://HOST:PORT, such as http://127.0.0.1:7171, without a user or password.")

    func send<Answer: Decodable>(
        _ method: HTTPMethod, _ path: String, _ query: [String: String?] = [:],
        _ page: PageRequest? = nil, as caller: Credential?
    ) async throws -> Answer {
        var query = query
        if let page {
            query["limit"] = "\(page.limit)"
            query["cursor"] = page.cursor
        }
        let request = try request(method, path + Self.text(of: query), as: caller)
        return try await answer(to: request, waiting: 0)
    }

    func send<Answer: Decodable>(
        _ method: HTTPMethod, _ path: String, body: some Encodable, as caller: Credential,
        waiting seconds: Int = 0
    ) async throws -> Answer {
        var request = try request(method, path, as: caller)
        request.headers.add(name: "content-type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try Wire.encode(body)))
        return try await answer(to: request, waiting: seconds)
    }

    /// Removes what is at a path.
    func remove(_ path: String, as caller: Credential) async throws {
        let heard = try await accepted(request(.DELETE, path, as: caller), waiting: 0)
        guard heard.body.readableBytes == 0 else { throw notDibs(heard) }
    }

    private func request(
        _ method: HTTPMethod, _ path: String, as caller: Credential?
    ) throws -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address + path)
        request.method = method
        request.headers.add(name: "accept", value: "application/json")
        if let caller {
            let key = caller.secret.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !key.isEmpty else { throw Self.noKey }
            guard Self.isPlain(key) else { throw Self.strangeKey }
            request.headers.add(name: "authorization", value: "Bearer \(key)")
            if let once = caller.idempotencyKey {
                guard Self.isName(once) else { throw Self.strangeName }
                request.headers.add(name: "idempotency-key", value: once)
            }
        }
        return request
    }

    /// Whether a header can hold a text: letters, digits and signs of ASCII, and no blanks.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
    }

    /// Whether a header can hold a name: plain, with blanks inside but none at the ends.
    private static func isName(_ text: String) -> Bool {
        text.utf8.first.map { $0 != 0x20 } == true && text.utf8.last != 0x20
            && text.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
    }

    private static let noKey = DibsError(
        .keyMissing, "The key is empty.", hint: "Use --key or DIBS_KEY with your account's key.")

    private static let strangeKey = DibsError(
        .usage, "The key holds a blank, a line's end or a letter that no key has.",
        hint: "Check --key, DIBS_KEY or the configuration: a key is one word, dibs_ and 43 letters."
    )

    private static let strangeName = DibsError(
        .invalidField,
        "The Idempotency-Key is empty, has a blank at an end, or is not ASCII.",
        details: ["field": "Idempotency-Key"], hint: "Send 1 to 255 letters, digits or signs.")

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
        let heard = try await accepted(request, waiting: seconds)
        let json: JSON
        do { json = try Wire.parse(heard.body.readableBytesView, within: .ours) } catch {
            throw notDibs(heard)
        }
        do { return try Wire.decode(Answer.self, from: json) } catch let error as DibsError {
            throw unreadable("\(error)")
        }
    }

    /// The server did it, and what it says of it cannot be taken.
    private func unreadable(_ reason: String) -> DibsError {
        DibsError(
            .unreadableAnswer, "The server's answer cannot be read.",
            details: ["url": address, "reason": reason],
            hint: "Ask for less at once where it is too large (--limit), and see that client and "
                + "server are of one version.")
    }

    /// An HTTP answer, whole.
    private struct Heard {
        let status: Int
        let headers: HTTPHeaders
        let body: ByteBuffer
    }

    /// An answer that is no error.
    private func accepted(
        _ request: HTTPClientRequest, waiting seconds: Int
    ) async throws -> Heard {
        let heard = try await exchange(request, waiting: seconds)
        if (200..<300).contains(heard.status) { return heard }
        if let problem = Problem(heard.body.readableBytesView) { throw problem.error }
        throw notDibs(heard)
    }

    /// That something answers which is not Dibs, or not at this address.
    ///
    /// The error passes, as a proxy's page does when the server behind it is there again; only a
    /// body that is too large for what stands between never gets through.
    private func notDibs(_ heard: Heard) -> DibsError {
        var details = ["url": address, "status": "\(heard.status)"]
        if heard.status == 413 {
            return DibsError(
                .bodyTooLarge, "What stands before the server takes no body as large as this.",
                details: details,
                hint: "Send less, or let the proxy take what Dibs takes: 2 MiB.")
        }
        guard (300..<400).contains(heard.status), let place = heard.headers.first(name: "location")
        else {
            return DibsError(
                .notDibs, "Something else than Dibs answers at this address.", details: details,
                hint: "Check --url or DIBS_URL; start a server with: dibs serve")
        }
        let target = place.onOneLine(scalars: 200)
        details["location"] = target
        return DibsError(
            .redirected, "This address redirects to another one.", details: details,
            hint: "Redirected to \(target): use that address, if you trust it, as --url or "
                + "DIBS_URL. A key is sent to no other than the one it was meant for.")
    }

    private func exchange(
        _ request: HTTPClientRequest, waiting seconds: Int
    ) async throws -> Heard {
        do {
            let timeout = TimeAmount.seconds(Int64(Self.patience + min(max(0, seconds), 3600)))
            let response = try await client.execute(request, timeout: timeout)
            let body = try await response.body.collect(upTo: Self.answerLimit)
            return Heard(
                status: Int(response.status.code), headers: response.headers, body: body)
        } catch is CancellationError {
            throw CancellationError()
        } catch is NIOTooManyBytesError {
            throw unreadable("more than \(Self.answerLimit) bytes")
        } catch {
            throw Unreached.error(error, at: address)
        }
    }
}
