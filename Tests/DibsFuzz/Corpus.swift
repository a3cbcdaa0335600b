package import Foundation

/// Inputs that are kept, one a file: each caught something once, or was found by a fuzzer.
package enum Corpus {
    /// `Tests/DibsFuzz/Corpus` in the sources.
    package static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Corpus")

    /// All of them, by the files' names.
    package static func inputs() throws -> [(name: String, bytes: [UInt8])] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return try names.sorted().map { name in
            (name, Array(try Data(contentsOf: folder.appending(path: name))))
        }
    }
}
