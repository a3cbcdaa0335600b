internal import DibsCore
internal import Foundation
internal import Subprocess
internal import SystemPackage

/// A small git repository to work on, and a command agent that works on it.
struct SampleRepository: Sendable {
    let folder: URL

    var path: String { folder.appending(path: "lighthouse").path(percentEncoded: false) }
    var agent: String { folder.appending(path: "agent.sh").path(percentEncoded: false) }

    /// The tasks of the demo: a title, a description, and the number of a task to wait for.
    static let tasks: [(title: String, description: String, after: Int?)] = [
        ("Write a README", "Say what the lighthouse is and how to light it.", nil),
        ("Light the lamp at dusk", "Read the hour from the clock; dusk is at 18.", nil),
        ("Test the lamp", "Dusk, dawn, and one minute before each.", 1),
        ("Sound the horn in fog", "One blast a minute while the visibility is below 900 m.", nil),
        ("Keep a log of passing ships", "One line a ship: time, name, bearing.", nil),
        ("Draw the coast", "A map in plain text, 60 columns wide.", nil),
    ]

    /// Makes the repository with its first commit, and the agent beside it.
    func make() async throws {
        try FileManager.default.createDirectory(
            at: folder.appending(path: "lighthouse"), withIntermediateDirectories: true)
        try Self.lamp.write(toFile: path + "/lamp.sh", atomically: true, encoding: .utf8)
        try Self.script.write(toFile: agent, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: agent)
        try await git("init", "--quiet", "--initial-branch", "main")
        try await git("config", "user.name", "Demo Agent")
        try await git("config", "user.email", "agent@example.org")
        try await git("config", "commit.gpgsign", "false")
        try await git("add", ".")
        try await git("commit", "--quiet", "--message", "Build the lighthouse")
    }

    /// Runs git in the repository; throws `git_failed`.
    @discardableResult
    func git(_ arguments: String...) async throws -> String {
        let result = try await Subprocess.run(
            .name("git"), arguments: Arguments(["-C", path] + arguments),
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 16))
        guard result.terminationStatus.isSuccess else {
            throw DibsError(
                .gitFailed, "git refused.",
                details: [
                    "command": arguments.joined(separator: " "), "said": result.standardError,
                ],
                hint: "See that git works here.")
        }
        return result.standardOutput
    }

    private static let lamp = """
        #!/bin/sh
        echo "The lamp is dark."

        """

    /// The script of an agent that writes a plan, commits it, writes the result, commits that, and
    /// reports as it goes.
    private static let script = """
        #!/bin/sh
        set -eu
        title=$DIBS_TASK_TITLE
        description=$(sed "1,/^$DIBS_TASK_MARK task/d; /^$DIBS_TASK_MARK /,\\$d" | sed "1d; /^$/d")
        name=$(printf '%s' "$title" | tr 'A-Z ' 'a-z-')
        echo "$DIBS_REPORT progress 10 Reading the task"
        mkdir -p plans
        printf '# %s\\n\\n%s\\n' "$title" "$description" > "plans/$name.md"
        git add plans
        git commit --quiet --message "Plan: $title"
        echo "$DIBS_REPORT milestone The plan is written"
        sleep 0.5
        echo "$DIBS_REPORT progress 60 Working on $(git ls-files | wc -l) files"
        {
            printf '#!/bin/sh\\n# %s\\n' "$title"
            printf 'echo "%s"\\n' "$description"
        } > "$name.sh"
        chmod +x "$name.sh"
        "./$name.sh" > "plans/$name.out"
        git add .
        git commit --quiet --message "$title"
        sleep 0.5
        echo "$DIBS_REPORT milestone It runs: $(cat "plans/$name.out")"
        echo "$DIBS_REPORT cost 0.00$(printf '%s' "$description" | wc -c | tr -d ' ')"
        echo "$DIBS_REPORT progress 100 Done"

        """
}
