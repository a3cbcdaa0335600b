internal import DibsCore
internal import Foundation

/// The file that holds a server's secret, readable by its owner alone.
struct SecretFile: Sendable {
    let place: URL

    /// Reads the secret, and makes a new one where there is no file; throws `usage` for a file that
    /// holds something else.
    func secret() throws -> ServerSecret {
        let path = place.path(percentEncoded: false)
        if !FileManager.default.fileExists(atPath: path) { return try make() }
        guard let data = FileManager.default.contents(atPath: path),
            let secret = ServerSecret(
                String(decoding: data, as: UTF8.self).trimmingCharacters(
                    in: .whitespacesAndNewlines))
        else {
            throw DibsError(
                .usage, "The secret file holds no secret.", details: ["file": path],
                hint: "Restore it from a backup, or name another with --secret-file.")
        }
        return secret
    }

    /// Writes a new secret beside its place and then gives it its name, so that a file that is
    /// there is whole; of two servers at once the first one's counts.
    private func make() throws -> ServerSecret {
        let path = place.path(percentEncoded: false)
        let draft = path + "." + UUID().uuidString
        try FileManager.default.createDirectory(
            at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
        let fresh = ServerSecret.random()
        let isWritten = FileManager.default.createFile(
            atPath: draft, contents: Data((fresh.text + "\n").utf8),
            attributes: [.posixPermissions: 0o600])
        defer { try? FileManager.default.removeItem(atPath: draft) }
        guard isWritten else {
            throw DibsError(
                .usage, "The secret file cannot be written.", details: ["file": path],
                hint: "See that its folder can be written to, or name another: --secret-file.")
        }
        guard link(draft, path) == 0 || errno == EEXIST else {
            throw DibsError(
                .usage, "The secret file cannot be written.", details: ["file": path],
                hint: "See that its folder can be written to, or name another: --secret-file.")
        }
        return try secret()
    }
}
