internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema

/// The proof that a change would be kept: one that is.
///
/// A transaction that changes nothing commits on a full disk, too. So a row is written, and waited
/// for like any other, but no more often than once in five seconds, however often and by whomever
/// readiness is asked: whoever can reach the server may ask, and each proof is a sync of the disk.
enum WriteProof {
    private static let row = "write_proof"
    /// Milliseconds for which one proof counts.
    private static let lifetime: Int64 = 5000

    /// Writes the row when the last proof is too old, or from a time to come.
    static func give(in tx: Transaction) throws {
        let now = try tx.now()
        let last = try Setting.where { $0.name == row }.first(in: tx)
        let age = last.map { now.milliseconds - $0.createdAt.milliseconds }
        if let age, (0..<lifetime).contains(age) { return }
        try tx.execute(
            """
            INSERT INTO settings (name, value, created_at) VALUES (\(row), '', \(now))
            ON CONFLICT (name) DO UPDATE SET created_at = excluded.created_at
            """)
    }
}

extension Engine {
    package func ready() async throws {
        try await translatingErrors { try await database.proveWritable(by: WriteProof.give) }
    }
}
