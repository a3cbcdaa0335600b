import Testing

@Suite("The house style, as far as a machine can see it")
struct StyleTests {
    static let sources = SourceTree.files(in: "Sources")
    static let everything = sources + SourceTree.files(in: "Tests")

    @Test func `there is something to look at`() {
        #expect(Self.sources.count > 50)
    }

    @Test func `a file has at most 400 lines, and a line 100 columns`() {
        for file in Self.everything {
            #expect(file.lines.count <= 401, "\(file.path) has \(file.lines.count) lines")
            for (index, line) in file.lines.enumerated() {
                #expect(line.count <= 100, "\(file.path):\(index + 1) has \(line.count) columns")
            }
        }
    }

    @Test func `no file is named for nothing`() {
        let banned = ["Utils", "Helpers", "Common", "Manager", "New", "Misc", "Extensions"]
        for file in Self.everything {
            let name = file.name.dropLast(6)
            #expect(!banned.contains { name.hasSuffix($0) }, "\(file.path)")
        }
    }

    @Test func `nothing is forced, faked or left for later`() {
        let banned = [
            "try" + "!", "as" + "!", "@unchecked" + " Sendable", "TO" + "DO", "FIX" + "ME",
            "fatal" + "Error(", "public" + " func", "public" + " struct",
        ]
        for file in Self.sources {
            for word in banned { #expect(!file.text.contains(word), "\(file.path) has \(word)") }
        }
    }

    @Test func `every package declaration says what it is`() {
        for file in Self.sources {
            for (index, line) in file.lines.enumerated() {
                let code = line.trimmingPrefix(while: { $0 == " " })
                guard Self.isDeclaration(code), !Self.isWitness(code) else { continue }
                var above = index - 1
                while above >= 0,
                    file.lines[above].trimmingPrefix(while: { $0 == " " }).hasPrefix("@")
                {
                    above -= 1
                }
                let comment =
                    above >= 0 ? file.lines[above].trimmingPrefix(while: { $0 == " " }) : ""
                #expect(comment.hasPrefix("///"), "\(file.path):\(index + 1) \(code)")
            }
        }
    }

    /// A property's is a noun phrase, a method's a verb phrase, and a paragraph names its subject.
    @Test func `no doc comment begins with a question's word, or with an it without a noun`() {
        let words: Set = ["What", "Who", "Where", "When", "Why", "How", "It"]
        for file in Self.sources {
            var (isInside, isCode) = (false, false)
            for (index, line) in file.lines.enumerated() {
                let comment = line.trimmingPrefix(while: { $0 == " " })
                let text = comment.dropFirst(3).trimmingPrefix(while: { $0 == " " })
                guard comment.hasPrefix("///"), !text.isEmpty else {
                    isInside = false
                    continue
                }
                if text.hasPrefix("```") { isCode.toggle() }
                let first = text.prefix { $0.isLetter }
                if !isInside, !isCode {
                    #expect(!words.contains(String(first)), "\(file.path):\(index + 1) \(comment)")
                }
                isInside = true
            }
        }
    }

    private static func isDeclaration(_ code: Substring) -> Bool {
        let words = code.split(separator: " ", maxSplits: 3)
        guard words.first == "package", words.count > 1 else { return false }
        let kinds = ["struct", "enum", "class", "actor", "protocol", "func", "init", "var", "let"]
        return kinds.contains { kind in code.contains("\(kind) ") || code.contains("\(kind)(") }
    }

    /// What a protocol demands is documented there, so what fulfils it need not say it again: the
    /// names that protocols of ours declare, and those of the standard library that we conform to.
    private static let demanded: Set<String> = {
        let ours = sources.filter { $0.text.contains("package protocol ") }.flatMap(\.lines)
            .compactMap { $0.firstMatch(of: /^ {4}(?:static )?(?:func|var) (\w+)/) }
            .map { String($0.output.1) }
        let standard = [
            "description", "encode", "hash", "run", "buildExpression", "buildBlock",
            "buildOptional", "buildEither", "buildFinalResult", "appendLiteral",
        ]
        return Set(ours + standard)
    }()

    private static func isWitness(_ code: Substring) -> Bool {
        if let name = code.firstMatch(of: /(?:func|var) (\w+)/)?.output.1 {
            return demanded.contains(String(name))
        }
        return ["init(from", "Literal", "static func <", "static func >", "static func =="]
            .contains { code.contains($0) }
    }
}
