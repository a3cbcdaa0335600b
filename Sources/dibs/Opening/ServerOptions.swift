internal import ArgumentParser
internal import DibsClient
internal import DibsCore
internal import DibsData
internal import Foundation

/// The server's address and the caller's key: a flag, then the environment, then the file.
struct ServerOptions: ParsableArguments {
    @Option(help: "The server's address (DIBS_URL). Default: http://127.0.0.1:7171.")
    var url: String?

    @Option(
        help: "The file with your account's key, or - for standard input (DIBS_KEY_FILE).")
    var keyFile: String?

    @Option(
        help: """
            The key of your account (DIBS_KEY). On the command line every user of the machine can \
            read it: better --key-file.
            """)
    var key: String?

    @Flag(help: "Answer in JSON, for programs.")
    var json = false

    static let defaultURL = "http://127.0.0.1:7171"

    /// The address and key that were settled on.
    struct Settled: Equatable {
        var url: String
        var key: String?
    }

    func settled(
        in environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Settled {
        let file = try ConfigFile.read(in: environment)
        return Settled(
            url: Self.word(url) ?? Self.word(environment["DIBS_URL"]) ?? Self.word(file.url)
                ?? Self.defaultURL,
            key: try key(in: environment) ?? KeyText.read(file.key, from: "the config file"))
    }

    private func key(in environment: [String: String]) throws -> String? {
        if let key = try KeyText.read(key, from: "--key") { return key }
        if let path = Self.word(keyFile) { return try KeyText.read(file: path) }
        if let key = try KeyText.read(environment["DIBS_KEY"], from: "DIBS_KEY") { return key }
        if let path = Self.word(environment["DIBS_KEY_FILE"]) {
            return try KeyText.read(file: path)
        }
        return try KeyText.read(environment["DIBS_TOKEN"], from: "DIBS_TOKEN")
    }

    /// The key file that the environment names.
    static func keyFile(in environment: [String: String]) -> PrivateFile? {
        word(environment["DIBS_KEY_FILE"]).map { PrivateFile($0) }
    }

    /// A setting that says something: an empty one is none.
    private static func word(_ text: String?) -> String? {
        let word = text?.trimmingCharacters(in: .whitespacesAndNewlines)
        return word?.isEmpty == false ? word : nil
    }

    /// The server, and the caller; throws `key_missing` when nobody said who.
    func connect() throws -> Connected {
        let settled = try settled()
        guard let key = settled.key else {
            throw DibsError(
                .keyMissing, "There is no key to ask with.",
                hint: "Use --key-file or DIBS_KEY, or start a server here once: dibs serve.")
        }
        if self.key != nil { KeyText.warnOfCommandLine() }
        return Connected(
            service: try HTTPDibsService(settled.url), key: Credential(key), url: settled.url)
    }
}

/// A service and who speaks to it.
struct Connected: Sendable {
    let service: any DibsService
    let key: Credential
    let url: String

    /// A workspace by name or id.
    func workspace(_ text: String) async throws -> Workspace {
        if let id = Identifier<Workspace>(text) {
            return try await service.workspace(id, as: key)
        }
        let found = try await service.workspaces(named: text, .first, as: key)
        guard let workspace = found.items.first else {
            throw DibsError.notFound("workspace", text)
        }
        return workspace
    }

    /// An id that was typed in; throws `invalid_id`.
    static func id<Record>(
        _ text: String, of: Record.Type = Record.self
    ) throws -> Identifier<Record> {
        guard let id = Identifier<Record>(text) else {
            throw DibsError(
                .invalidID, "That is no id.", details: ["value": text],
                hint: "Ids are UUIDs, as the list shows them.")
        }
        return id
    }
}
