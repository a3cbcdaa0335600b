import Foundation

/// The project's own sources, as text.
enum SourceTree {
    struct File: Sendable, CustomTestStringConvertibleFile {
        /// From the project's root.
        let path: String
        let lines: [String]
        var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
        var name: String { path.split(separator: "/").last.map(String.init) ?? "" }
        var text: String { lines.joined(separator: "\n") }
    }

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func files(in folder: String) -> [File] {
        let base = root.appending(path: folder)
        let found = FileManager.default.enumerator(atPath: base.path)
        let names = (found?.allObjects as? [String] ?? []).filter { $0.hasSuffix(".swift") }
        return names.sorted().map { name in
            let text = (try? String(contentsOf: base.appending(path: name), encoding: .utf8)) ?? ""
            return File(path: "\(folder)/\(name)", lines: text.components(separatedBy: "\n"))
        }
    }
}

/// A file is named by its path in a test's output.
protocol CustomTestStringConvertibleFile {
    var path: String { get }
}
