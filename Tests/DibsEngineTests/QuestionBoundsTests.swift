import DibsCore
import DibsEngine
import DibsJSON
import DibsTesting
import Foundation
import Testing

@Suite("A question and its answer have bounds")
struct QuestionBoundsTests {
    private func withWorker(
        through door: Door, _ body: (TestBed, ClaimedWorker, Credential) async throws -> Void
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            try await bed.task(in: workspace)
            let (_, key) = try await bed.account(in: workspace)
            let worker = try #require(try await bed.claim(as: key).first)
            _ = try await bed.service.report(worker.id, Report(status: .running), as: key)
            try await body(bed, worker, key)
        }
    }

    private func ask(
        _ bed: TestBed, _ worker: ClaimedWorker, _ key: Credential, _ asked: WaitingFor
    ) async throws -> ErrorCode? {
        try await bed.code {
            _ = try await bed.service.report(
                worker.id, Report(status: .waitingInput, waitingFor: asked), as: key)
        }
    }

    @Test(arguments: Door.direct)
    func `options are lines, each once, and a few`(through door: Door) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let bad = [
                WaitingFor(prompt: "?", options: [""]), WaitingFor(prompt: "?", options: ["  "]),
                WaitingFor(prompt: "?", options: ["a", "a"]),
                WaitingFor(prompt: "?", options: ["Yes", "no", "yes"]),
                WaitingFor(prompt: "?", options: ["a b", " a  b\u{A0}"]),
                WaitingFor(prompt: "?", options: ["a", "a\u{200B}"]),
                WaitingFor(prompt: "?", options: ["a\u{200F}b"]),
                WaitingFor(prompt: "?", options: ["a\nb"]),
                WaitingFor(prompt: "?", options: [String(repeating: "a", count: 201)]),
                WaitingFor(prompt: "?", options: (0...20).map { "\($0)" }),
                WaitingFor(prompt: "", options: ["a"]), WaitingFor(type: "", prompt: "?"),
                WaitingFor(type: String(repeating: "t", count: 51), prompt: "?"),
                WaitingFor(prompt: "?", freeText: false),
            ]
            for asked in bad {
                let code = try await ask(bed, worker, key, asked)
                #expect(code == .invalidField, "\(asked)")
            }
            let options = (0..<20).map { String(repeating: "x", count: 198) + "\($0)" }
            let most = WaitingFor(prompt: "?", options: options)
            let code = try await ask(bed, worker, key, most)
            #expect(code == nil)
        }
    }

    @Test(arguments: Door.all, [nil, true, false] as [Bool?])
    func `an answer is one of the options unless free text is allowed`(
        through door: Door, freeText: Bool?
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let asked = WaitingFor(prompt: "?", options: ["left"], freeText: freeText)
            _ = try await ask(bed, worker, key, asked)
            let code = try await bed.code {
                _ = try await bed.service.answer(
                    worker.id, NewAnswer(answer: "up"), as: bed.admin)
            }
            #expect(code == (freeText == true ? nil : .invalidField))
            if code != nil {
                _ = try await bed.service.answer(
                    worker.id, NewAnswer(answer: "left"), as: bed.admin)
            }
        }
    }

    @Test(arguments: Door.direct)
    func `of many answers the newest 50 are given, in order, and how many were left out`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            for number in 0..<53 {
                bed.clock.advance(seconds: 1)
                _ = try await ask(bed, worker, key, WaitingFor(prompt: "\(number)?"))
                _ = try await bed.service.answer(
                    worker.id, NewAnswer(answer: "\(number)"), as: bed.admin)
            }
            let told = try await bed.service.heartbeat(worker.id, as: key)
            #expect(told.answers.compactMap(\.answer) == (3..<53).map { "\($0)" })
            #expect(told.answersLeftOut == 3)
        }
    }

    @Test(arguments: Door.direct)
    func `each text of a report and of an artifact has its bound`(
        through door: Door
    ) async throws {
        try await withWorker(through: door) { bed, worker, key in
            let long = String(repeating: "a", count: 2001)
            let large: [Report] = [
                Report(pullRequestURL: "javascript:alert(1)"),
                Report(pullRequestURL: "https://example.org/" + long),
                Report(error: String(repeating: "e", count: 10_001)),
                Report(result: .string(String(repeating: "r", count: 65_536))),
                Report(milestones: (0...50).map { "\($0)" }), Report(milestones: ["a\nb"]),
                Report(currentAction: "a\u{202E}b"),
            ]
            for report in large {
                let code = try await bed.code {
                    _ = try await bed.service.report(worker.id, report, as: key)
                }
                #expect(code == .invalidField, "\("\(report)".prefix(80))")
            }
            let artifacts = [
                NewArtifact(type: .log, title: "log", storageKey: long + long + long),
                NewArtifact(type: .log, title: "a\u{1B}[2J"),
                NewArtifact(type: .log, title: "log", metadata: ["a": .string(long + long + long)]),
                NewArtifact(
                    type: .log, title: "log",
                    metadata: ["a": .string(String(repeating: "m", count: 16_384))]),
            ]
            var codes: [ErrorCode?] = []
            for artifact in artifacts {
                codes.append(
                    try await bed.code {
                        _ = try await bed.service.addArtifact(artifact, of: worker.id, as: key)
                    })
            }
            #expect(codes == [.invalidField, .invalidField, nil, .invalidField])
        }
    }
}
