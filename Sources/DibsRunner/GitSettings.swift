/// Settings of git that a runner's calls are given, so that no repository can make them run a
/// program, or send them elsewhere than they are meant to go.
///
/// An agent may write what it likes into its repository's configuration. Settings with one name are
/// always overridden. Those whose names hold a word of their author's (`filter.NAME.clean`) are
/// looked for where the repository itself sets them, and then overridden too: by what the user's
/// own configuration says, else by nothing.
enum GitSettings {
    /// One line of `git config --list`.
    struct Entry: Hashable {
        /// Whose it is: `system`, `global`, `local`, `worktree` or `command`.
        let scope: String
        /// The section and the name in lower case, between them what its author wrote.
        let key: String
        /// Empty for a setting without one.
        let value: String

        /// Whether whoever can write to the repository can write it.
        var isOfRepository: Bool { scope == "local" || scope == "worktree" }
    }

    /// A setting that a call is given.
    struct Override: Hashable {
        let key: String
        let value: String
    }

    /// Overridden on every call; nothing of it helps a program that nobody watches.
    static let always = [
        Override(key: "core.fsmonitor", value: "false"),
        Override(key: "core.pager", value: "cat"),
        Override(key: "core.editor", value: "false"),
        Override(key: "sequence.editor", value: "false"),
        Override(key: "core.askPass", value: ""),
        Override(key: "core.alternateRefsCommand", value: "true"),
        Override(key: "diff.external", value: ""),
        Override(key: "submodule.recurse", value: "false"),
        Override(key: "fetch.recurseSubmodules", value: "false"),
        Override(key: "gc.auto", value: "0"),
        Override(key: "maintenance.auto", value: "false"),
        Override(key: "log.showSignature", value: "false"),
    ]

    /// A place without hooks.
    static let noHooks = Override(key: "core.hooksPath", value: "/dev/null")

    /// Settings that name programs or doors, and what is put in their stead.
    private static let named: [String: String] = [
        "core.sshcommand": "ssh", "credential.helper": "",
        "diff.*.command": "true", "diff.*.textconv": "cat",
        "filter.*.clean": "", "filter.*.smudge": "", "filter.*.process": "",
        "filter.*.required": "false", "merge.*.driver": "false",
        "gpg.program": "false", "gpg.*.program": "false", "gpg.ssh.defaultkeycommand": "false",
        "hook.*.command": "true", "interactive.difffilter": "cat", "pager.*": "false",
        "remote.*.uploadpack": "git-upload-pack", "remote.*.receivepack": "git-receive-pack",
        "submodule.*.update": "none", "trailer.*.command": "true", "trailer.*.cmd": "true",
        "uploadpack.packobjectshook": "", "credential.*.helper": "",
        "http.proxy": "", "http.*.proxy": "", "http.sslverify": "true",
        "http.*.sslverify": "true", "http.extraheader": "", "http.*.extraheader": "",
        "http.curloptresolve": "", "http.*.curloptresolve": "",
    ]

    /// Settings that nothing overrides, and that lead a call to another place than it names.
    private static let leading: Set<String> = [
        "url.*.insteadof", "url.*.pushinsteadof", "remote.*.vcs", "remote.*.proxy",
        "http.sslcainfo", "http.*.sslcainfo", "http.sslcapath", "http.*.sslcapath",
        "http.cookiefile", "http.*.cookiefile",
    ]

    /// Replacements for the programs that the repository's own configuration names.
    static func overrides(of entries: [Entry]) -> [Override] {
        let keys = Set(entries.filter(\.isOfRepository).map(\.key)).sorted()
        return keys.flatMap { key -> [Override] in
            guard let neutral = named[family(of: key)] else { return [] }
            let own = entries.filter { $0.key == key && ["system", "global"].contains($0.scope) }
            return [Override(key: key, value: neutral)]
                + own.map { Override(key: key, value: $0.value) }
        }
    }

    /// A setting of the repository's own that would lead a fetch astray; nil when there is none.
    static func astray(in entries: [Entry]) -> String? {
        entries.first { $0.isOfRepository && leading.contains(family(of: $0.key)) }?.key
    }

    /// A condition on which the repository's own configuration has another file read; nil for none.
    ///
    /// A listing in one place says nothing of what a call in another would be given.
    static func condition(in entries: [Entry]) -> String? {
        entries.first {
            $0.isOfRepository && $0.key.lowercased().hasPrefix("includeif.")
        }?.key
    }

    /// `filter.*.clean` for `filter.lfs.clean`; `pager.*` for every pager.
    private static func family(of key: String) -> String {
        guard let first = key.firstIndex(of: "."), let last = key.lastIndex(of: ".") else {
            return key
        }
        let section = key[..<first].lowercased()
        if section == "pager" { return "pager.*" }
        let name = key[key.index(after: last)...].lowercased()
        let exact = key.lowercased()
        if first == last || named[exact] != nil { return exact }
        return section + ".*." + name
    }

    /// Reads `git config --list --show-scope -z`.
    static func entries(in listing: String) -> [Entry] {
        let parts = listing.split(separator: "\0", omittingEmptySubsequences: false)
        return stride(from: 0, to: parts.count - 1, by: 2).map { index in
            let line = parts[index + 1].split(separator: "\n", maxSplits: 1)
            return Entry(
                scope: String(parts[index]), key: line.first.map(String.init) ?? "",
                value: line.count > 1 ? String(line[1]) : "")
        }
    }
}
