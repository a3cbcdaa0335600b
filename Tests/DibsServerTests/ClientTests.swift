import DibsClient
import DibsCore
import DibsTesting
import Testing

@Suite("The client says what is wrong, and never what it was given", .timeLimit(.minutes(5)))
struct ClientTests {
    private func error(
        of key: String, at address: String = "http://127.0.0.1:1"
    ) async throws -> DibsError? {
        try await failure(as: DibsError.self) {
            _ = try await HTTPDibsService(address).account(nil, as: Credential(key))
        }
    }

    @Test(arguments: [
        "dibs_se\ncret", "dibs_secret\r\nX: y", "dibs_se cret", "dibs_sécret",
    ])
    func `a key that is none is refused before it is sent, and not repeated`(
        key: String
    ) async throws {
        let error = try #require(try await error(of: key))
        #expect(error.code == .usage)
        #expect(error.hint?.contains("DIBS_KEY") == true)
        #expect(!"\(error)".contains("cret") && error.hint?.contains("cret") == false)
    }

    @Test(arguments: ["", " ", "\n"])
    func `an empty key is none`(key: String) async throws {
        let error = try #require(try await error(of: key))
        #expect(error.code == .keyMissing)
    }

    @Test func `blanks around a key and an address are nothing`() async throws {
        try await Door.overHTTP.open { bed in
            let service = try HTTPDibsService(" \(bed.address)/\n")
            let key = Credential("\(bed.admin.secret)\n")
            let account = try await service.account(nil, as: key)
            #expect(account.level == .admin)
        }
    }

    @Test func `an address with a password is refused, and not repeated`() async throws {
        let error = try #require(try await error(of: "k", at: "http://me:secret@127.0.0.1:1"))
        #expect(error.code == .usage && !"\(error)\(error.hint ?? "")".contains("secret"))
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>", "200"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "200"),
        ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nbad", "502"),
        (
            "HTTP/1.1 302 Found\r\nLocation: https://other.example/\r\nContent-Length: 0\r\n\r\n",
            "302"
        ),
    ])
    func `what is no answer of Dibs is told by its status`(
        answer: String, status: String
    ) async throws {
        _ = try await withCannedServer(answer) { address in
            let error = try #require(try await error(of: "dibs_secret", at: address))
            #expect(error.code == (status == "302" ? .redirected : .notDibs))
            #expect(error.details["status"] == status)
            #expect(error.details["url"] == address)
            let place = status == "302" ? "https://other.example/" : nil
            #expect(error.details["location"] == place)
            #expect(error.hint?.contains(place ?? "DIBS_URL") == true)
            #expect(!"\(error)".contains("secret"))
        }
    }

    @Test func `an answer that lacks what is asked for was done all the same`() async throws {
        _ = try await withCannedServer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}") {
            address in
            let error = try #require(try await error(of: "dibs_secret", at: address))
            #expect(error.code == .unreadableAnswer)
        }
    }

    @Test(arguments: [
        "220 mail.example ESMTP\r\n", "\0\u{1}\u{2}", "HTTP/1.1 200 OK\r\nContent-Le",
    ])
    func `what speaks no HTTP is unreachable, with a reason that holds no key`(
        answer: String
    ) async throws {
        _ = try await withCannedServer(answer) { address in
            let error = try #require(try await error(of: "dibs_secret", at: address))
            #expect(error.code == .serverUnreachable)
            #expect(error.details["reason"]?.isEmpty == false)
            #expect(!"\(error)".contains("secret"))
        }
    }
}
