import DibsCore
import DibsJSON
import DibsServer
import Testing

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
        if code.retryAfterSeconds != nil { #expect(code.httpStatus == 503) }
    }

    @Test(arguments: [
        (ErrorCode.malformedJSON, 400), (.keyMissing, 401), (.keyUnknown, 401), (.forbidden, 403),
        (.notFound, 404), (.noRoute, 404), (.methodNotAllowed, 405), (.leaseLost, 409),
        (.illegalTransition, 409), (.bodyTooLarge, 413), (.dayLimit, 429), (.workerLimit, 429),
        (.internalError, 500), (.busy, 503), (.unavailable, 503),
    ])
    func `what programs branch on has the status they know`(code: ErrorCode, status: Int) {
        #expect(code.httpStatus == status)
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
