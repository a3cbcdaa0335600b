import Foundation
import Subprocess
import Testing

@Suite("The program minds where its answers go", .timeLimit(.minutes(5)))
struct StandardFileTests {
    @Test func `nothing is written into a file that took a closed one's number`() async throws {
        try await withProgram { program, _ in
            var closed = program
            closed.prelude = "exec >&- 2>&- <&-"
            let database = "sqlite:" + program.path("a.sqlite")
            let made = try await closed.run("migrate", "--database", database)
            #expect(made.status == .exited(0) && made.output.isEmpty && made.error.isEmpty)
            let whole = try await program.run("migrate", "--check", "--database", database)
            #expect(whole.status == .exited(0), "\(whole.output) \(whole.error)")
        }
    }

    @Test func `who wants no more ends a listing quietly, and a full disk is told`() async throws {
        try await withProgram { program, _ in
            // The reader is gone before the first byte is written.
            var cut = program
            cut.prelude = #"mkfifo "$HOME/pipe"; exec 3<> "$HOME/pipe" > "$HOME/pipe" 3<&-"#
            let quiet = try await cut.run("docs", "commands")
            #expect(quiet.status != .exited(74) && quiet.error.isEmpty)
            #if os(Linux)
                var full = program
                full.prelude = "exec > /dev/full"
                let lost = try await full.run("docs", "commands")
                #expect(lost.status == .exited(74))
                #expect(lost.error.contains("could not be written"))
            #endif
        }
    }
}
