import DibsFuzz
import Foundation
import Testing

@testable import DibsRunner

/// The seed that is set by DIBS_SEED, else one that is always the same, so that a run can be
/// repeated; DIBS_FUZZ_SECONDS makes a run long, and each of its rounds has the next seed.
@Suite("No parser stops, loses or invents, whatever comes in")
struct FuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["DIBS_SEED"].flatMap { UInt64($0) } ?? 9
    private static let seconds = environment["DIBS_FUZZ_SECONDS"].flatMap { Double($0) } ?? 0

    @Test(arguments: FuzzedParser.allCases)
    func `random changes of boundary values`(parser: FuzzedParser) {
        let end = ContinuousClock.now + .seconds(Self.seconds)
        var seed = Self.seed
        var slowest = (time: Duration.zero, input: [] as [UInt8])
        repeat {
            var inputs = FuzzInputs(seed: seed)
            for _ in 0..<2000 {
                let input = inputs.next()
                let start = ContinuousClock.now
                let finding = parser.finding(input)
                let time = ContinuousClock.now - start
                if time > slowest.time { slowest = (time, input) }
                #expect(finding == nil, "DIBS_SEED=\(seed): \(shown(input))")
            }
            seed &+= 1
        } while ContinuousClock.now < end
        guard Self.seconds > 0 else { return }
        print("\(parser): to seed \(seed), slowest \(slowest.time): \(shown(slowest.input))")
    }

    @Test(arguments: FuzzedParser.allCases)
    func `what is kept`(parser: FuzzedParser) throws {
        let kept = try Corpus.inputs()
        #expect(kept.count > 10)
        for (name, bytes) in kept { #expect(parser.finding(bytes) == nil, "\(name)") }
    }

    @Test func `lines of an agent`() throws {
        var inputs = FuzzInputs(seed: Self.seed)
        let mark = "::dibs-3f9a1c02"
        let verbs = ["progress ", "cost ", "milestone ", ""]
        let words = verbs.map { "\(mark) \($0)" } + ["::dibs ", ""]
        let random = (0..<5000).map { _ in inputs.next() }
        for bytes in try random + Corpus.inputs().map(\.bytes) {
            let text = String(decoding: bytes, as: UTF8.self)
            for word in words {
                let reading = StepLine.read(word + text, mark: mark)
                guard case .step(.progress(let number, _)) = reading else { continue }
                #expect((0...100).contains(number))
            }
            var splitter = LineSplitter()
            let lines = splitter.add(bytes) + [splitter.rest].compactMap(\.self)
            #expect(lines.allSatisfy { $0.utf8.count <= 3 * LineSplitter.limit })
        }
    }

    private func shown(_ input: [UInt8]) -> String {
        String(decoding: input.prefix(200), as: UTF8.self)
    }
}
