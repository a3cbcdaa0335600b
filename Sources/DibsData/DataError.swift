/// An error between Swift and a database.
package struct DataError: Error, Sendable, Hashable {
    /// The kind of error.
    package enum Code: String, Sendable {
        /// A column holds another type than was asked for.
        case mismatch
        /// A number does not fit.
        case overflow
        /// A row that must be there is not.
        case missing
        /// A constraint of the schema refused the change; `constraint` names it.
        case constraint
        /// The database refused the statement.
        case engine
        /// The database cannot be opened as it is configured: host, password, name, version.
        case open
        /// There is no database, and none was to be made.
        case absent
        /// The tables there are another program's.
        case foreign
        /// The database is away for now.
        case unavailable
        /// There is no room left on its disk.
        case full
        /// Its user, or this process, may not do that.
        case denied
        /// Its stored data is damaged.
        case damaged
        /// More work waits than is taken on.
        case busy
        /// The connection was lost during the commit: it may or may not have happened.
        case unknownOutcome
        /// A page was asked for after a place that is not of its list.
        case badCursor
        /// The migrations here and the ones that ran do not agree.
        case migration
    }

    /// The kind of error.
    package var code: Code
    /// The error, in the database's words where it has some.
    package var message: String
    /// SQLSTATE on PostgreSQL, the extended result code on SQLite.
    package var sqlState: String?
    /// The constraint or index that refused: its name on PostgreSQL, and on SQLite that of an index
    /// or `table.column, …`.
    package var constraint: String?

    /// An error to throw.
    package init(
        _ code: Code, _ message: String, sqlState: String? = nil, constraint: String? = nil
    ) {
        (self.code, self.message) = (code, message)
        (self.sqlState, self.constraint) = (sqlState, constraint)
    }
}

extension DataError: CustomStringConvertible {
    package var description: String {
        "\(code.rawValue): \(message)" + (sqlState.map { " [\($0)]" } ?? "")
    }
}
