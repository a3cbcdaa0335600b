internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// Nobody dies of our absence: when the reaper was away (the server was down, the database could
/// not be reached, the laptop slept), workers could not renew, so every lease gets that time back.
///
/// The moment of the last tick is kept in the database, so that it is the same for every server. A
/// clock that was set forward looks like an absence; `LeaseRenewal.cut`, which follows, leaves no
/// lease more than its own length of it, however often that happens.
enum Absence {
    /// A gap between two ticks that is longer than this is an absence.
    static let limit: TimeInterval = 30

    private static let name = "reaper_tick"

    /// Notes a tick, and first adds the gap before it to every lease when that was an absence.
    static func forgive(at now: Date, in tx: Transaction) throws {
        let kept = try tx.rows(
            "SELECT value FROM settings WHERE name = \(name) \(Lock.row)", as: String.self)
        if let last = kept.first.flatMap({ Int64($0) }) {
            let gap = now.milliseconds.subtracting(saturating: max(last, 0))
            if Double(gap) > limit * 1000 { try extend(by: Int(gap), in: tx) }
        }
        try tx.execute(
            """
            INSERT INTO settings (name, value) VALUES (\(name), \("\(now.milliseconds)"))
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            """)
    }

    private static func extend(by milliseconds: Int, in tx: Transaction) throws {
        try tx.execute(
            """
            UPDATE leases SET expires_at = expires_at + \(milliseconds) \
            \(sqlite: "* 1000", postgres: "* interval '1 millisecond'")
            """)
    }
}
