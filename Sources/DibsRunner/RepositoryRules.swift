package import DibsCore
internal import Foundation

/// Which repositories a runner works in.
///
/// A workspace's addresses are the server's word, and a runner has more on its machine than a
/// server should be able to name. So it takes what is far away, by https or ssh; and a path only
/// from a server of its own machine. More has to be allowed by whoever runs it.
package struct RepositoryRules: Sendable {
    /// Addresses and paths that are allowed besides, with `*` and `?`.
    package let allowed: [String]
    /// Whether the server is on this machine.
    package let isServerHere: Bool
    /// Whether the repositories' own hooks and filters run.
    package let runsPrograms: Bool

    /// The rules for the workspaces of the server at an address.
    package init(allowed: [String] = [], server: String, runsPrograms: Bool = false) {
        self.allowed = allowed
        self.runsPrograms = runsPrograms
        isServerHere = Self.isLoopback(server)
    }

    /// Throws `forbidden` when the runner does not work in the workspace's repository.
    package func check(_ workspace: Workspace) throws { _ = try access(to: workspace) }

    /// Answers git's access to the workspace's repository; throws `forbidden` when not at all.
    func access(to workspace: Workspace) throws -> GitAccess {
        var access = GitAccess(runsPrograms: runsPrograms)
        if let branch = workspace.gitConfig?.baseBranch, Self.isOption(branch) {
            throw Self.refused(branch, "A branch's name does not begin with a dash.")
        }
        if let path = workspace.localPath {
            guard isServerHere || isAllowed(path) else { throw Self.refused(path) }
        } else if let repo = workspace.repo {
            let transport = try Self.transport(of: repo)
            if !access.transports.contains(transport) {
                guard isAllowed(repo) else { throw Self.refused(repo) }
                access.transports.append(transport)
            }
        }
        return access
    }

    /// The transport by which git would reach an address; throws `forbidden` for one that runs a
    /// program of its own, or that git would take for an option.
    static func transport(of repo: String) throws -> String {
        guard !isOption(repo), !repo.isEmpty, !repo.unicodeScalars.contains(where: OneLine.breaks)
        else { throw refused(repo, "That is no address of a repository.") }
        if let end = repo.firstRange(of: "://") {
            let scheme = repo[..<end.lowerBound].lowercased()
            switch scheme {
            case "https", "http", "ssh", "git", "file": return scheme
            case "git+ssh", "ssh+git": return "ssh"
            default: throw refused(repo, "That transport is not one that a runner uses.")
            }
        }
        guard let colon = repo.firstIndex(of: ":") else { return "file" }
        if repo[colon...].hasPrefix("::") {
            throw refused(repo, "That transport is not one that a runner uses.")
        }
        // host:path is ssh; a slash before the colon makes it a path.
        return repo[..<colon].contains("/") ? "file" : "ssh"
    }

    private func isAllowed(_ place: String) -> Bool {
        let path = place.hasPrefix("file://") ? String(place.dropFirst(7)) : place
        let decoded = path.removingPercentEncoding ?? path
        // A pattern for a folder must not be left by going up again.
        guard !decoded.split(separator: "/").contains("..") else { return false }
        let names = Set([place, decoded, Self.withoutSlash(decoded)])
        return allowed.contains { pattern in
            names.contains { fnmatch(Self.withoutSlash(pattern), $0, 0) == 0 }
        }
    }

    private static func withoutSlash(_ text: String) -> String {
        text.count > 1 && text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    private static func isOption(_ text: String) -> Bool { text.hasPrefix("-") }

    private static func isLoopback(_ server: String) -> Bool {
        guard let host = URL(string: server)?.host()?.lowercased() else { return false }
        return ["localhost", "::1", "[::1]"].contains(host)
            || host.wholeMatch(of: /127(\.\d{1,3}){3}/) != nil
    }

    private static func refused(
        _ place: String, _ message: String = "This runner does not work in that repository."
    ) -> DibsError {
        DibsError(
            .forbidden, message, details: ["repository": place],
            hint: "Whoever runs it can allow it: dibs work --allow-repo PATTERN.")
    }
}
