import DibsCore
import Testing

@testable import DibsRunner

@Suite("An agent reports by printing a line")
struct StepLineTests {
    @Test func `progress, milestones and cost are read`() {
        let writing = StepLine("::dibs progress 40 Writing tests")
        #expect(writing == .progress(40, action: "Writing tests"))
        #expect(StepLine("::dibs progress 7") == .progress(7, action: nil))
        #expect(StepLine("::dibs milestone The tests pass") == .milestone("The tests pass"))
        #expect(StepLine("::dibs cost 0.0125") == .cost("0.0125"))
    }

    @Test(
        arguments: [
            "progress 40", "::dibs", "::dibs progress", "::dibs progress 101", "::dibs progress -1",
            "::dibs progress much", "::dibs cost free", "::dibs cost -1", "::dibs dance now",
            " building ::dibs progress 3", "",
        ])
    func `anything else is only output`(_ line: String) { #expect(StepLine(line) == nil) }
}
