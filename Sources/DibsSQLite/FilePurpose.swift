internal import DibsData
internal import Foundation

/// A reason to open a database file, which says what may be done to it.
package enum FilePurpose: Sendable {
    /// To keep a database there: a missing file is made, and all become their owner's alone.
    case serve
    /// To change the database that is there; nothing is made, and no mode of a file changed.
    case change
    /// To read the database that is there; not a byte is changed, of the file or beside it.
    case look

    /// Makes the file where it may be made, so that SQLite gives its mode to those beside it.
    ///
    /// Throws `absent` where nothing is and nothing may be made, and `open` where this user may not
    /// do what is wanted.
    func prepare(_ path: String) throws {
        let file = PrivateFile(path)
        guard !file.isStrange else { throw DataError(.open, "\(path) is no file") }
        if let size = file.size {
            if self != .serve, size == 0 { throw DataError(.absent, "\(path) is empty") }
            guard access(path, self == .look ? R_OK : R_OK | W_OK) == 0 else {
                throw DataError(
                    .open, "this user may not read\(self == .look ? "" : " and write") \(path)")
            }
        } else {
            guard self == .serve else { throw DataError(.absent, "there is no file \(path)") }
            _ = try file.make()
        }
        guard self == .look || access(file.resolved.folder, W_OK) == 0 else {
            throw DataError(
                .open,
                "\(file.resolved.folder) cannot be written to, and SQLite keeps its log there")
        }
    }
}
