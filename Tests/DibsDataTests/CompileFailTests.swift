import Foundation
import Testing

/// Type-checks `Refused/Cases.swift.txt` against the built modules: as it is it must pass, and with
/// the code of a `// refused:` line in place it must fail with the words before that code.
@Suite("What must not compile does not")
struct CompileFailTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let line: Int
        let words: String
        let code: String
        var testDescription: String { code }
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

    private static let lines =
        (try? String(contentsOf: folder.appending(path: "Refused/Cases.swift.txt"), encoding: .utf8)
            .components(separatedBy: "\n")) ?? []

    static let cases = lines.enumerated().compactMap { index, text -> Case? in
        guard let match = text.firstMatch(of: /\/\/ refused: (.+?) \| (.+)/) else { return nil }
        return Case(line: index, words: String(match.output.1), code: String(match.output.2))
    }

    @Test func `the cases are there, and compile without their refused lines`() throws {
        #expect(Self.cases.count == 9)
        let (status, output) = try typecheck(Self.lines)
        #expect(status == 0, "\(output)")
    }

    @Test(arguments: cases)
    func `refused by the compiler`(_ one: Case) throws {
        var lines = Self.lines
        lines[one.line] = one.code
        let (status, output) = try typecheck(lines)
        #expect(status != 0 && output.contains(one.words), "\(output)")
    }

    private func typecheck(_ lines: [String]) throws -> (status: Int32, output: String) {
        let root = Self.folder.deletingLastPathComponent().deletingLastPathComponent()
        let file = FileManager.default.temporaryDirectory
            .appending(path: "refused-\(UUID().uuidString).swift")
        try lines.joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        // The modules stand beside the test bundle; package access needs the package's own name.
        let built = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "swiftc", "-typecheck", "-swift-version", "6",
            "-package-name", root.lastPathComponent.lowercased(),
            "-I", built.appending(path: "Modules").path(percentEncoded: false),
            Self.folder.appending(path: "SampleTables.swift").path(percentEncoded: false),
            file.path(percentEncoded: false),
        ]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
