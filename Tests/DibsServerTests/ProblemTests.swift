import DibsCore
import DibsJSON
import Foundation
import Testing

@testable import DibsServer

@Suite("An error comes out of HTTP as it went in")
struct ProblemTests {
    @Test(arguments: ErrorCode.allCases)
    func `every error survives the way to the client`(code: ErrorCode) throws {
        let error = DibsError(
            code, "Something is so.", details: ["id": "7", "limit": "3"], hint: "Do that.")
        let problem = Problem(error, status: code.httpStatus)
        let read = try #require(Problem(problem.bytes))
        #expect(read.error == error)
        #expect(read.status == code.httpStatus)
    }

    @Test(arguments: ErrorCode.allCases)
    func `every code has a status of an error`(code: ErrorCode) {
        #expect((400...599).contains(code.httpStatus))
        let mayPass = [429, 503].contains(code.httpStatus)
        #expect((code.retryAfterSeconds != nil) == mayPass)
    }

    @Test(arguments: ErrorCode.allCases)
    func `what the server or a limit cannot now passes, and everything else is final`(
        code: ErrorCode
    ) {
        // A runner's own git is not the server's, and 501 stays 501.
        let passes = code.httpStatus >= 500 || code.httpStatus == 429
        let isFinal = code == .gitFailed || code == .unsupportedCoding
        #expect(code.isPassing == (passes && !isFinal))
    }

    /// What programs branch on, written apart from the code: every error by its status.
    private static let statuses: [Int: String] = [
        400: """
        malformed_json unknown_field missing_field invalid_field invalid_id invalid_amount
        invalid_cursor usage malformed_request
        """,
        401: "key_missing key_unknown",
        403: "account_closed forbidden origin_not_allowed",
        404: "not_found no_route",
        405: "method_not_allowed",
        409: """
        illegal_transition lease_lost name_taken duplicate task_not_claimable in_use
        dependency_cycle sequence_reused key_renewed
        """,
        413: "body_too_large",
        414: "url_too_long",
        421: "host_not_allowed",
        422: "idempotency_key_reused too_many amount_out_of_range",
        429: "worker_limit session_limit workspace_limit day_limit too_many_failures",
        431: "headers_too_large",
        500: """
        database_failed internal_error git_failed migration_drift schema_drift secret_mismatch
        not_set_up
        """,
        501: "unsupported_coding",
        502: "server_unreachable unreadable_answer not_dibs redirected",
        503: "busy unavailable unknown_outcome",
    ]

    @Test func `every error has the status that programs know`() {
        var expected: [String: Int] = [:]
        for (status, codes) in Self.statuses {
            for code in codes.split(whereSeparator: \.isWhitespace) {
                let before = expected.updateValue(status, forKey: String(code))
                #expect(before == nil, "\(code) twice")
            }
        }
        for code in ErrorCode.allCases {
            #expect(code.httpStatus == expected[code.rawValue], "\(code.rawValue)")
        }
        #expect(expected.count == ErrorCode.allCases.count, "the others are no errors of Dibs")
    }

    @Test func `every 429 and 503 says when to ask again, and nothing else does`() {
        let seconds = ErrorCode.allCases.compactMap { code in
            code.retryAfterSeconds.map { "\(code.rawValue) \($0)" }
        }
        #expect(
            Set(seconds) == [
                "worker_limit 15", "session_limit 15", "workspace_limit 15", "day_limit 60",
                "too_many_failures 60", "busy 1", "unavailable 5", "unknown_outcome 1",
            ])
    }

    @Test(arguments: ErrorCode.allCases)
    func `an answer says when to ask again, how to prove oneself, and what may be asked`(
        code: ErrorCode
    ) {
        let details = ["allow": "GET, HEAD", "resetsAt": "2026-11-25T00:01:30Z"]
        let now = Date(timeIntervalSince1970: 1_795_564_800)
        let bare = Answer.problem(DibsError(code, "So."), now: now)
        let full = Answer.problem(DibsError(code, "So.", details: details), now: now)
        let mayPass = [429, 503].contains(bare.status)
        #expect((bare.headers["Retry-After"] != nil) == mayPass)
        #expect(full.headers["Retry-After"] == (mayPass ? "90" : nil))
        #expect((bare.headers["WWW-Authenticate"] != nil) == (bare.status == 401))
        #expect(full.headers["Allow"] == (bare.status == 405 ? "GET, HEAD" : nil))
    }

    @Test func `a limit stands at the top level too`() throws {
        let error = DibsError(
            .dayLimit, "The day's money is spent.",
            details: ["limit": "5", "current": "5", "resetsAt": "2026-11-25T00:00:00Z"])
        let json = try JSON.parse(Problem(error, status: 429).bytes)
        #expect(json["limit"]?.string == "5")
        #expect(json["current"]?.string == "5")
        #expect(json["resetsAt"]?.string == "2026-11-25T00:00:00Z")
        #expect(json["type"]?.string == "urn:dibs:error:day_limit")
        #expect(json["status"] == 429)
    }

    @Test(arguments: ["", "<html>", "{}", #"{"error":"no"}"#, #"{"code":"new_one","status":400}"#])
    func `what is no problem of ours is not taken for one`(text: String) {
        #expect(Problem(text.utf8) == nil)
    }
}
