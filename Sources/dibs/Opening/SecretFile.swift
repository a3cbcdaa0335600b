internal import DibsCore
internal import DibsData
internal import Foundation

/// The file that holds a server's secret, readable by its owner alone.
struct SecretFile: Sendable {
    let place: URL

    /// The place as other programs are given it.
    var path: String { place.path(percentEncoded: false) }

    private var file: PrivateFile { PrivateFile(path) }

    /// Reads the secret.
    ///
    /// - `mayMake` makes a new one where there is no file; of two servers at once the first one's
    ///   counts. A database that was set up already is worth nothing under another secret.
    /// - Throws `secret_mismatch` when the file is missing and none may be made, `usage` for a file
    ///   that others can read or that holds something else.
    func secret(mayMake: Bool) throws -> ServerSecret {
        if let secret = try secret() { return secret }
        guard mayMake else { throw missing }
        let fresh = ServerSecret.random()
        do {
            try file.makeFolder()
            if try file.make(Array((fresh.text + "\n").utf8)) { return fresh }
        } catch let error as DataError {
            throw DibsError(
                .usage, "The secret file cannot be written.", details: ["reason": error.message],
                hint: "See that its folder can be written to, or name another: --secret-file.")
        }
        guard let secret = try secret() else { return try self.secret(mayMake: false) }
        return secret
    }

    /// The error of a database that was set up under a secret which is not here.
    var missing: DibsError {
        DibsError(
            .secretMismatch, "The secret of this database is not in its place.",
            details: ["file": path],
            hint: "Bring the file here from the server that made the database, or from its "
                + "backup, or say where it is: --secret-file.")
    }

    /// The secret in the file; nil when there is no file.
    func secret() throws -> ServerSecret? {
        guard file.mode != nil else { return nil }
        guard foreignRights == 0 else {
            throw DibsError(
                .usage, "The secret file can be read or changed by others.",
                details: ["file": path], hint: "Run: chmod 600 '\(path)'")
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw DibsError(
                .usage, "The secret file cannot be read.", details: ["file": path],
                hint: "See that it is this user's, or name another with --secret-file.")
        }
        let text = String(decoding: data, as: UTF8.self)
        guard let secret = ServerSecret(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw DibsError(
                .usage, "The secret file holds no secret.", details: ["file": path],
                hint: "Restore it from a backup, or name another with --secret-file.")
        }
        return secret
    }

    /// The rights that others have to it and should not.
    var foreignRights: Int { file.foreignRightsToSecret }
}
