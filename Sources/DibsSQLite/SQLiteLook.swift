internal import DibsData
internal import Foundation

/// The way to read a database file that leaves everything as it is.
///
/// A connection that may only read still makes a `-wal` and a `-shm` beside a file in WAL mode, and
/// leaves them there. So a file that nobody has open, which has nothing beside it, is read as one
/// that does not change (`immutable`), and after every read it is asked whether that was so. A file
/// in use is read under SQLite's locks, with the index of its log as the others left it.
struct SQLiteLook: Sendable {
    /// The name by which SQLite is told, a URI.
    let name: String
    private let file: PrivateFile
    /// The time of the last change and the size; nil where SQLite's locks hold off changes.
    private let state: (changed: Date?, size: Int?)?

    /// A file that is there.
    init(at path: String) {
        let files = SQLiteEngine.files(of: path)
        file = files[0]
        let isAlone = files.dropFirst().allSatisfy { $0.mode == nil }
        state = isAlone ? (file.lastChange, file.size) : nil
        let place = file.path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
        let hasIndex = files[2].mode != nil
        let way = isAlone ? "&immutable=1" : hasIndex ? "&readonly_shm=1" : ""
        name = "file:\(place ?? file.path)?mode=ro" + way
    }

    /// Throws `unavailable` when what was read may be of two minds.
    func proveUnchanged() throws {
        guard let state, state != (file.lastChange, file.size) else { return }
        throw DataError(
            .unavailable, "\(file.path) was changed while it was looked at: ask again")
    }
}
