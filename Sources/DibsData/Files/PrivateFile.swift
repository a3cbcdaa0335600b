package import Foundation

/// A file that is its owner's alone, whatever the process's umask is.
///
/// The file is made under another name and then given its own, and its mode is changed by name: a
/// process that opens a database file and closes it again loses the locks SQLite holds on it.
package struct PrivateFile: Sendable {
    /// Its place.
    package let path: String

    /// A file that may not be there yet.
    package init(_ path: String) { self.path = path }

    /// Writes a new file, which has reached the disk with its name; false when there was one.
    ///
    /// Throws `open` with the reason when it cannot be written.
    package func make(_ contents: [UInt8] = []) throws -> Bool {
        let draft = path + "." + UUID().uuidString
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw refusal }
        defer { unlink(draft) }
        let isWritten =
            write(file, contents, contents.count) == contents.count && fsync(file) == 0
        close(file)
        guard isWritten else { throw refusal }
        guard link(draft, path) == 0 else {
            if errno == EEXIST { return false }
            throw refusal
        }
        syncFolder()
        return true
    }

    private var refusal: DataError {
        DataError(.open, "\(path) cannot be made: \(String(cString: strerror(errno)))")
    }

    private func syncFolder() {
        let place = open(folder, O_RDONLY | O_CLOEXEC)
        guard place >= 0 else { return }
        fsync(place)
        close(place)
    }

    /// The folder it is in.
    package var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The file itself, when its name is a link's.
    package var resolved: PrivateFile {
        guard let name = realpath(path, nil) else { return self }
        defer { free(name) }
        return PrivateFile(String(cString: name))
    }

    /// Whether something is there that is no plain file: a folder, a device, a pipe.
    package var isStrange: Bool { status.map { $0.st_mode & S_IFMT != S_IFREG } ?? false }

    /// Takes from others the rights to a plain file that is there, as far as we may.
    package func tighten() {
        guard !isStrange, let mode, mode & 0o077 != 0 else { return }
        chmod(path, mode_t(mode & 0o700))
    }

    private var status: stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    /// Permission bits of the file; nil when there is none.
    package var mode: Int? { status.map { Int($0.st_mode) & 0o7777 } }

    /// Size of the file in bytes; nil when there is none.
    package var size: Int? { status.map { Int($0.st_size) } }

    /// The time of its last change; nil when there is none.
    package var lastChange: Date? {
        let found = try? FileManager.default.attributesOfItem(atPath: path)
        return found?[.modificationDate] as? Date
    }

    /// The bits of its mode that let others in; 0 when there is no file.
    package var foreignRights: Int { (mode ?? 0) & 0o077 }

    /// The rights that others have to a secret in it and should not; root's file may be read by
    /// its group, which is how a container is given one.
    package var foreignRightsToSecret: Int {
        foreignRights & (status?.st_uid == 0 && getuid() != 0 ? 0o037 : 0o077)
    }

    /// Makes the folders on the way to the file that are missing, for the owner alone.
    package func makeFolder() throws {
        let parent = PrivateFile(folder)
        guard parent.mode == nil else { return }
        if parent.path != path { try parent.makeFolder() }
        guard mkdir(parent.path, 0o700) == 0 || errno == EEXIST else { throw parent.refusal }
    }

    /// The mode of its folder when others may write there, and so put another file in its place.
    package var openFolder: (path: String, mode: Int)? {
        guard let mode = PrivateFile(folder).mode, mode & 0o022 != 0 else { return nil }
        return (folder, mode)
    }
}
