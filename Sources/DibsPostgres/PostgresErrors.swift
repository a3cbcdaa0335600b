internal import CLibPQ
internal import DibsData

extension DataError {
    /// What PostgreSQL said of a statement.
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

    /// By SQLSTATE (appendix A of PostgreSQL's manual).
    private static func code(ofState state: String) -> Code {
        switch state {
        case "22003": .overflow
        case "40001", "40P01", "55P03": .busy
        case "53100", "53200", "53300", "57P01", "57P02", "57P03": .unavailable
        default:
            if state.hasPrefix("23") {
                .constraint
            } else if state.hasPrefix("08") {
                .unavailable
            } else {
                .engine
            }
        }
    }

    /// Another try of the whole transaction may succeed: a serialization failure or a deadlock.
    var isWorthAnotherTry: Bool { sqlState == "40001" || sqlState == "40P01" }

    /// A migration changed what a prepared statement answers.
    var isStalePlan: Bool { sqlState == "0A000" && message.contains("cached plan") }

    /// Why there is no connection, from libpq's words, which have no codes.
    static func connecting(_ message: String) -> DataError {
        let lines = message.split(separator: "\n").map { $0.trimmingPrefix("connection to ") }
        let said = lines.last.map(String.init) ?? message
        let meanings: [(String, String)] = [
            ("translate host name", "The host of the PostgreSQL address is not known"),
            ("Connection refused", "Nothing listens at the PostgreSQL address"),
            ("No such file or directory", "Nothing listens at the PostgreSQL socket"),
            ("timeout expired", "The PostgreSQL server did not answer in time"),
            ("password", "PostgreSQL refuses the user or the password"),
            ("role ", "PostgreSQL does not know the user"),
            ("database ", "PostgreSQL does not have that database"),
        ]
        let meaning = meanings.first { message.contains($0.0) }?.1
        return DataError(.open, "\(meaning ?? "PostgreSQL cannot be reached") (\(said))")
    }
}
