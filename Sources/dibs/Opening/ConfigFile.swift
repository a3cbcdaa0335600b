internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import Foundation

/// The settings that this machine's user need not say each time: `~/.config/dibs/config.json`, or
/// the file that `DIBS_CONFIG` names.
///
/// The first start of a server writes it, readable by its owner alone, so that the commands beside
/// it just work.
struct ConfigFile: Codable, Sendable {
    /// The server's address.
    var url: String?
    /// The key of an account.
    var key: String?

    static func place(in environment: [String: String]) -> URL {
        if let path = environment["DIBS_CONFIG"], !path.isEmpty { return URL(filePath: path) }
        let home = URL(filePath: environment["HOME"] ?? NSHomeDirectory())
        let base = environment["XDG_CONFIG_HOME"].map { URL(filePath: $0) }
        return (base ?? home.appending(path: ".config")).appending(path: "dibs/config.json")
    }

    /// Reads it; empty when there is none, `usage` when it cannot be read.
    static func read(in environment: [String: String]) throws -> ConfigFile {
        let place = place(in: environment)
        guard let data = try? Data(contentsOf: place) else { return ConfigFile() }
        do { return try Wire.decode(ConfigFile.self, from: Wire.parse(data)) } catch {
            throw DibsError(
                .usage, "The configuration cannot be read.",
                details: ["file": place.path(percentEncoded: false), "reason": "\(error)"],
                hint: #"It is JSON such as {"url": "http://127.0.0.1:7171", "key": "dibs_…"}."#)
        }
    }

    /// The file, when there is one that holds a key.
    static func withKey(in environment: [String: String]) -> PrivateFile? {
        guard let file = try? read(in: environment), file.key?.isEmpty == false else { return nil }
        return PrivateFile(place(in: environment).path(percentEncoded: false))
    }

    /// Writes it where there is none yet; answers where, or nil when one was there.
    func writeIfNone(in environment: [String: String]) throws -> URL? {
        let place = Self.place(in: environment)
        guard !FileManager.default.fileExists(atPath: place.path(percentEncoded: false)) else {
            return nil
        }
        try PrivateFile(place.path(percentEncoded: false)).makeFolder()
        let made = FileManager.default.createFile(
            atPath: place.path(percentEncoded: false), contents: Data(try Wire.encode(self)),
            attributes: [.posixPermissions: 0o600])
        return made ? place : nil
    }
}
