internal import DibsCore
internal import DibsJSON
internal import Foundation

/// A request whose fields have bounds.
///
/// A body is checked before anything is made of it, a fingerprint included, and so before it meets
/// the database: what is too large costs its sender a refusal and nobody else anything.
protocol Checked: Encodable, Sendable {
    /// Throws `invalid_field` with the name of the first field that is out of its bounds.
    func check() throws
}

/// A request that is all in its path.
struct NoBody: Checked {
    func check() throws {}
}

/// The checks of a value before it is stored; every throw is `invalid_field` with the field's name.
enum Check {
    /// A name in one line.
    static func name(_ text: String, _ field: String) throws {
        try line(text, Bounds.name, field)
    }

    /// One line of so many characters, as `OneLine` has it.
    static func line(_ text: String, _ range: ClosedRange<Int>, _ field: String) throws {
        try length(text, range, field)
        guard OneLine.holds(text) else {
            throw invalid(
                field, "The text is not one line, or it is blank.",
                "Send one line without control characters.")
        }
    }

    /// An address on the web: `http` or `https`, with a host, and without a password.
    static func url(_ text: String, _ field: String) throws {
        try line(text, Bounds.url, field)
        let parts = URLComponents(string: text)
        guard let parts, ["http", "https"].contains(parts.scheme?.lowercased()),
            parts.host?.isEmpty == false, parts.user == nil, parts.password == nil,
            !text.unicodeScalars.contains(where: \.properties.isWhitespace)
        else {
            throw invalid(
                field, "This is no address on the web.", "Send http:// or https:// with a host.")
        }
    }

    /// Checks the address of a repository, without a password.
    static func repository(_ text: String, _ field: String) throws {
        try line(text, Bounds.url, field)
        guard RepositoryAddress.isPlain(text) else {
            throw invalid(
                field, "The address of a repository holds a password or a token.",
                "Leave it out, and let git ask a credential helper or use ssh.")
        }
        guard RepositoryAddress.isAddress(text) else {
            throw invalid(
                field, "This is no address of a repository.",
                "Send https://…, ssh://… or user@host:path without blanks, or a path.")
        }
    }

    /// A path on the runners' machines that means the same in every folder.
    static func absolutePath(_ text: String, _ field: String) throws {
        try line(text, Bounds.path, field)
        guard text.hasPrefix("/") else {
            throw invalid(
                field, "The path is not absolute.",
                "Send the whole path, from /: a runner starts in a folder of its own.")
        }
    }

    /// Settings of how runners branch, prepare and commit.
    static func git(_ config: GitConfig, _ field: String) throws {
        try config.baseBranch.map { try branch($0, field + ".baseBranch") }
        if let prefix = config.branchPrefix, !BranchName.isPrefix(prefix) {
            throw invalid(
                field + ".branchPrefix", "No branch's name can begin with this.",
                "Send what git takes, such as agents/ (git help check-ref-format).")
        }
        try config.setup.map { try length($0, Bounds.setup, field + ".setup") }
        try count(config.copyIn ?? [], Bounds.copyIn, field + ".copyIn")
        for path in config.copyIn ?? [] {
            try length(path, Bounds.path, field + ".copyIn")
            guard RelativePath.isBeneath(path) else {
                throw invalid(
                    field + ".copyIn", "This is no path beneath the repository.",
                    "Send paths such as .env or config/local, without .. and a slash at an end.")
            }
        }
    }

    /// A branch's name, as git takes it.
    static func branch(_ name: String, _ field: String) throws {
        guard BranchName.isValid(name) else {
            throw invalid(
                field, "This is no name of a branch.",
                "Send what git takes, at most \(Bounds.branch.upperBound) characters: "
                    + "git check-ref-format --branch NAME.")
        }
    }

    /// A JSON object whose canonical text has at most so many bytes.
    static func json(_ json: JSON, _ limit: Int, _ field: String) throws {
        try object(json, field)
        try size(of: json, limit, field)
    }

    /// JSON of any kind whose canonical text has at most so many bytes.
    static func size(of json: JSON, _ limit: Int, _ field: String) throws {
        guard json.canonicalLength <= limit else {
            throw invalid(
                field, "The JSON is too large.",
                "Send at most \(limit) bytes; keep larger things in an artifact.")
        }
    }

    /// A text of at most so many bytes, without NUL; the empty one too.
    static func bytes(_ text: String, _ most: Int, _ field: String) throws {
        guard text.utf8.count <= most, !text.utf8.contains(0) else {
            throw invalid(
                field, "The text is too long, or holds a NUL.", "Send at most \(most) bytes.")
        }
    }

    /// Words in one line each.
    static func capabilities(_ capabilities: Capabilities, _ field: String) throws {
        for name in capabilities.names { try line(name, Capabilities.lengths, field) }
    }

    /// A list of so many elements.
    static func count(_ list: some Collection, _ most: Int, _ field: String) throws {
        guard list.count <= most else {
            throw invalid(field, "The list is too long.", "Send at most \(most) at a time.")
        }
    }

    /// A number of characters, and no NUL, which PostgreSQL cannot hold.
    static func length(_ text: String, _ range: ClosedRange<Int>, _ field: String) throws {
        // A character has at most four bytes: what is far too long is not counted.
        guard text.utf8.count <= 4 * range.upperBound,
            range.contains(text.unicodeScalars.count), !text.utf8.contains(0)
        else {
            throw invalid(
                field, "The text is too short, too long, or holds a NUL.",
                "Send \(range.lowerBound) to \(range.upperBound) characters.")
        }
    }

    /// A number in a range.
    static func range(_ value: Int, _ range: ClosedRange<Int>, _ field: String) throws {
        guard range.contains(value) else {
            throw invalid(
                field, "The number is out of its range.",
                "Send \(range.lowerBound) to \(range.upperBound).")
        }
    }

    /// At least 1, where it is given.
    static func atLeastOne(_ value: Int?, _ field: String) throws {
        guard let value else { return }
        try range(value, 1...1_000_000, field)
    }

    /// A limit of tokens, where it is given.
    static func tokens(_ value: Int?) throws {
        guard let value else { return }
        try range(value, 1...1_000_000_000_000, "maxTokens")
    }

    /// Not below zero, where it is given.
    static func notNegative(_ value: Int?, _ field: String) throws {
        guard let value else { return }
        try range(value, 0...1_000_000_000_000, field)
    }

    /// Not below zero, where it is given.
    static func notNegative(_ amount: USD?, _ field: String) throws {
        guard let amount, amount < .zero else { return }
        throw invalid(field, "An amount cannot be negative.", "Send 0 or more.")
    }

    /// A JSON object.
    static func object(_ json: JSON, _ field: String) throws {
        guard case .object = json else {
            throw invalid(field, "This must be a JSON object.", "Send {…}, or leave it out.")
        }
    }

    /// An IANA name this machine knows.
    static func timeZone(_ name: String) throws {
        try line(name, Bounds.name, "timeZone")
        guard TimeZone(identifier: name) != nil else {
            throw invalid(
                "timeZone", "There is no such time zone.", "Use an IANA name: Europe/Berlin.")
        }
    }

    private static func invalid(_ field: String, _ message: String, _ hint: String) -> DibsError {
        DibsError(.invalidField, message, details: ["field": field], hint: hint)
    }
}
