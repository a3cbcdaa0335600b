internal import CLibPQ
internal import DibsData

extension DataError {
    /// Makes the error that PostgreSQL gave for a statement.
    init(_ result: OpaquePointer) {
        func field(_ name: UnicodeScalar) -> String? {
            PQresultErrorField(result, CInt(name.value)).map { String(cString: $0) }
        }
        let state = field("C")
        self.init(
            Self.code(ofState: state ?? ""),
            field("M") ?? String(cString: PQresultErrorMessage(result)), sqlState: state,
            constraint: field("n"))
    }

    /// By SQLSTATE (appendix A of PostgreSQL's manual): what is wrong in the operator's world is
    /// told from what is wrong with a statement.
    private static func code(ofState state: String) -> Code {
        switch state {
        case "22003": .overflow
        case "40001", "40P01", "55P03", "57014": .busy
        case "53100": .full
        case "42501": .denied
        case "XX001", "XX002": .damaged
        case "25006", "25P03": .unavailable  // read-only; a transaction that was idle for too long
        default:
            switch state.prefix(2) {
            case "23": .constraint
            case "08", "53", "57", "58": .unavailable
            default: .engine
            }
        }
    }

    /// Another try of the whole transaction may succeed: a serialization failure or a deadlock.
    var isWorthAnotherTry: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// A migration changed what a prepared statement answers.
    var isStalePlan: Bool { sqlState == "0A000" && message.contains("cached plan") }

    /// A name is not there, or there already: another backend answers than the one it was given to.
    var isMissingStatement: Bool { sqlState == "26000" || sqlState == "42P05" }

    /// Makes the error of a connection that failed, from libpq's words, which have no codes.
    static func connecting(_ message: String) -> DataError {
        let lines = message.split(separator: "\n").map { $0.trimmingPrefix("connection to ") }
        let said = lines.last.map(String.init) ?? message
        let meanings: [(String, String)] = [
            ("translate host name", "The host of the PostgreSQL address is not known"),
            ("Connection refused", "Nothing listens at the PostgreSQL address"),
            ("No such file or directory", "Nothing listens at the PostgreSQL socket"),
            ("timeout expired", "The PostgreSQL server did not answer in time"),
            ("session is read-only", "The PostgreSQL server is read-only, such as a standby"),
            ("password", "PostgreSQL refuses the user or the password"),
            ("permission denied for database", "PostgreSQL does not let the user in"),
            ("too many", "PostgreSQL has no connection to spare"),
            ("remaining connection slots", "PostgreSQL has no connection to spare"),
            ("role ", "PostgreSQL does not know the user"),
            ("database system", "PostgreSQL starts or shuts down"),
            ("database ", "PostgreSQL does not have that database"),
        ]
        let meaning = meanings.first { message.contains($0.0) }?.1
        return DataError(.open, "\(meaning ?? "PostgreSQL cannot be reached") (\(said))")
    }
}
