package import DibsData

extension Schema {
    /// Every step from nothing to the present schema, in order; none is edited after a release.
    package static let migrations = [
        Migrations.accounts, Migrations.workspaces,
        Migrations.tasks, Migrations.workers, Migrations.events,
        Migrations.attempts, Migrations.rights, Migrations.bounds,
        Migrations.warnings,
    ]
}

/// The steps, a file each.
///
/// Rows that are updated all the time (counters, leases) leave half of their page free on
/// PostgreSQL: the new version stays on the page, and no index is touched.
enum Migrations {
    private static let variants = """
        808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f\
        a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf
        """

    /// A random version 4 UUID made by SQLite, as `Default.random` writes it.
    static let uuid = """
        (CAST(randomblob(6) \
        || substr(x'404142434445464748494a4b4c4d4e4f', 1 + (random() & 15), 1) \
        || randomblob(1) \
        || substr(x'\(variants)', 1 + (random() & 63), 1) \
        || randomblob(7) AS BLOB))
        """

    /// SQLite's clock in whole milliseconds, as `Default.now` writes it.
    static let now = """
        (CAST(round((julianday('now') - 2440587.5) \
        * 86400000) AS INTEGER) * 1000)
        """
}
