/// The form in which statements go to PostgreSQL.
package enum StatementStyle: String, Sendable, CaseIterable {
    /// Prepared once a connection and then called by name; only where a connection is one backend.
    case named
    /// Parsed each time, which every pooler carries.
    case unnamed
}
