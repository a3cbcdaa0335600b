internal import CProcess

/// The secrets that a process that starts other people's programs must not leave lying about.
enum ProcessSecrets {
    /// Variables that open an account or a database.
    private static let variables = [
        "DIBS_KEY", "DIBS_ADMIN_KEY", "DIBS_TOKEN", "DIBS_DATABASE_URL", "PGPASSWORD",
    ]
    private static let options = ["--key", "--database"]

    /// Takes the secrets out of the environment and out of the command line that the system shows,
    /// and closes this process's memory to others of its user.
    ///
    /// To be called once they are read, and before anything else is started.
    static func hide() {
        for name in variables { dibs_forget_variable(name) }
        hideTyped()
    }

    /// The same for a server, which reads the address of its database again and again: the command
    /// line and the process's memory, its environment among it, are hidden from others.
    static func hideTyped() {
        for name in options { dibs_forget_option(name) }
        _ = dibs_close_memory()
    }

    /// Whether others of the same user can read the process's memory.
    static var isMemoryOpen: Bool { dibs_is_memory_open() == 1 }
}
