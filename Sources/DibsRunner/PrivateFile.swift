internal import Foundation
internal import SystemPackage

/// A temporary file that only its owner can read.
struct PrivateFile: Sendable {
    let path: String

    /// Writes it, under a name that nobody has.
    init(_ kind: String, _ bytes: some Sequence<UInt8>) throws {
        let name = "dibs-\(kind)-" + UUID().uuidString
        path = FileManager.default.temporaryDirectory.appending(path: name)
            .path(percentEncoded: false)
        let file = try FileDescriptor.open(
            FilePath(path), .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
            permissions: [.ownerReadWrite])
        try file.closeAfter { _ = try file.writeAll(bytes) }
    }

    /// Opens it for reading.
    func opened() throws -> FileDescriptor { try FileDescriptor.open(FilePath(path), .readOnly) }

    /// Takes the file away; who has it open keeps it.
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
