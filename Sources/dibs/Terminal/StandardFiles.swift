internal import Foundation
internal import Synchronization
internal import SystemPackage

/// The three files that every process begins with.
///
/// A program that was started with one of them closed (`>&-`) would be given its number for the
/// next file it opens, and write its answers into a connection or a database. So what is closed
/// leads nowhere from the start.
enum StandardFiles {
    /// Opens what is closed; do it before any other file is opened.
    static func open() {
        for number: CInt in 0...2 where fcntl(number, F_GETFD) == -1 {
            // The lowest number that is free is taken, and that is this one.
            _ = try? FileDescriptor.open("/dev/null", .readWrite)
        }
    }

    /// Exit number of a command whose answer is lost in part: that of `sysexits.h`.
    static let lossNumber: Int32 = 74

    private static let lost = Mutex<Errno?>(nil)

    /// Reason that a part of the answer is lost, such as a full disk; nil is that it is not, or
    /// that nobody wanted more of it (`| head`).
    static var loss: Errno? { lost.withLock { $0 } }

    /// Writes a line; whatever hinders it stops no work.
    static func write(_ text: String, to file: FileDescriptor) {
        do {
            try file.writeAll((text + "\n").utf8)
        } catch let error as Errno {
            guard error != .brokenPipe, file == .standardOutput else { return }
            lost.withLock { $0 = $0 ?? error }
        } catch {}
    }
}
