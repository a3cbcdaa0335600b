internal import DibsData
internal import DibsEngine
internal import DibsSQLite
internal import Foundation

/// Which files of an installation others can read, change or replace.
///
/// A folder may be read by others, as home folders often are, as long as only its owner writes
/// there: what is in it has a mode of its own.
enum FileReview {
    /// Everything loose: the database's files, the server's secret, and the files of this user that
    /// hold a key or a password.
    static func findings(
        of database: DatabaseOptions,
        in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> [Finding] {
        var files: [PrivateFile] = []
        if case .sqlite(let path) = try database.place(in: environment) {
            files = SQLiteEngine.files(of: path)
        }
        var secrets = [PrivateFile(try database.secretFile(in: environment).path)]
        secrets += try [
            ConfigFile.withKey(in: environment), ServerOptions.keyFile(in: environment),
            database.fileWithPassword(in: environment),
        ].compactMap(\.self)
        var findings =
            files.filter { $0.foreignRights != 0 }.map(loose)
            + secrets.filter { $0.foreignRightsToSecret != 0 }.map(loose)
        let folders = (files.prefix(1) + secrets).filter { $0.mode != nil }
            .compactMap(\.openFolder)
        for (path, mode) in folders where !findings.contains(where: { $0.id == path }) {
            let isSticky = mode & 0o1000 != 0
            findings.append(
                Finding(
                    what: "Others can write into a folder with files of Dibs.", id: path,
                    kept: octal(mode), counted: octal(mode & 0o755),
                    remedy: isSticky ? nil : "chmod go-w '\(path)'"))
        }
        return findings
    }

    private static func loose(_ file: PrivateFile) -> Finding {
        Finding(
            what: "A file of Dibs can be read or changed by others.", id: file.path,
            kept: octal(file.mode ?? 0), counted: octal(0o600),
            remedy: "chmod 600 '\(file.path)'")
    }

    private static func octal(_ mode: Int) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
