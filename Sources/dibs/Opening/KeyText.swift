internal import DibsCore
internal import Foundation

/// A key as people hand it over: in a variable, in a file, on a line.
enum KeyText {
    /// The key in a text, without the blanks and line ends around it; nil for none.
    ///
    /// Throws `usage` for a text that can be no key, and does not repeat it.
    static func read(_ text: String?, from source: String) throws -> String? {
        let key = text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
        guard !key.isEmpty else { return nil }
        guard key.unicodeScalars.allSatisfy({ (0x21...0x7E).contains($0.value) }) else {
            throw DibsError(
                .usage, "That is no key: it holds blanks, control characters or other letters.",
                details: ["from": source, "characters": "\(key.count)"],
                hint: "A key is one word such as dibs_…; see that nothing else came with it.")
        }
        return key
    }

    /// The key in a file, or in standard input for `-`; throws `usage` when there is none.
    static func read(file path: String) throws -> String {
        let data =
            path == "-"
            ? try FileHandle.standardInput.readToEnd()
            : FileManager.default.contents(atPath: path)
        let text = data.map { String(decoding: $0, as: UTF8.self) }
        guard let key = try read(text, from: path) else {
            throw DibsError(
                .usage, "There is no key in the key file.", details: ["file": path],
                hint: "Write the key into it, and let nobody else read it: chmod 600.")
        }
        return key
    }

    /// Said where a key came on the command line.
    static func warnOfCommandLine() {
        Terminal.note(
            "warning: every user of this machine can read --key in the list of processes; "
                + "use --key-file or DIBS_KEY_FILE.")
    }
}
