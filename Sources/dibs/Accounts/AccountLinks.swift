internal import ArgumentParser
internal import DibsCore

/// The command `dibs account grant`.
struct AccountGrant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Say what an account may do in a workspace.",
        discussion: """
            What is said takes the place of what was said before. Deciding and answering is a \
            right of its own: neither --can-create nor an open workspace gives it.

            Examples:
              dibs account grant 3fa9c1d2-… site
              dibs account grant 3fa9c1d2-… site --can-create --can-review
              dibs account grant 3fa9c1d2-… site --no-can-claim --can-review
            """)

    @Argument(help: "The account's id.")
    var account: String

    @Argument(help: "The workspace, by name or id.")
    var workspace: String

    @Flag(inversion: .prefixedNo, help: "Whether it may take tasks.")
    var canClaim = true

    @Flag(inversion: .prefixedNo, help: "Whether it may add tasks and sources.")
    var canCreate = false

    @Flag(
        inversion: .prefixedNo,
        help: "Whether it may answer, approve, reject, cancel, retry, edit, delete and archive.")
    var canReview = false

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let workspace = try await connected.workspace(workspace)
        let grant = try await connected.service.grant(
            Connected.id(account), in: workspace.id,
            Rights(canClaim: canClaim, canCreate: canCreate, canReview: canReview),
            as: connected.key)
        if server.json { return try Terminal.printJSON(grant) }
        let words = [
            grant.canClaim ? "claim" : nil, grant.canCreate ? "create" : nil,
            grant.canReview ? "review" : nil,
        ]
        .compactMap(\.self)
        let nothing = workspace.accessMode == .open ? "only look" : "not even look"
        let may = words.isEmpty ? nothing : words.joined(separator: ", ")
        Terminal.print("\(grant.accountID) may \(may) in \(workspace.name)")
    }
}

/// The command `dibs account revoke`.
struct AccountRevoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Take back what was granted; live workers go on to their end.",
        discussion: """
            In an open workspace the account may then do what everybody may there.

            Example:
              dibs account revoke 3fa9c1d2-… site
            """)

    @Argument(help: "The account's id.")
    var account: String

    @Argument(help: "The workspace, by name or id.")
    var workspace: String

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let connected = try server.connect()
        let workspace = try await connected.workspace(workspace)
        try await connected.service.revoke(
            Connected.id(account), in: workspace.id, as: connected.key)
        if !server.json { Terminal.print("\(account) has no grant in \(workspace.name)") }
    }
}
