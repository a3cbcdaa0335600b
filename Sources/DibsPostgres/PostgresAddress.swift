internal import CLibPQ
internal import DibsData

/// An address of PostgreSQL: a `postgres://` URL or a connection string, as libpq reads them.
///
/// Nothing that is said of it holds a password: not its description, and not an error about it.
package struct PostgresAddress: Sendable {
    /// As it was given, password and all.
    let text: String
    private let options: [String: String]

    /// Reads an address; throws `open` for one that libpq does not understand, or misunderstands.
    package init(_ text: String) throws {
        guard let options = Self.options(of: text), !Self.isTorn(options) else {
            throw DataError(
                .open,
                "The PostgreSQL address cannot be read; in a URL the letters : / @ ? # % of a "
                    + "password are written %3A %2F %40 %3F %23 %25")
        }
        (self.text, self.options) = (text, options)
    }

    /// Whether a password stands in it.
    package var hasPassword: Bool { options["password"]?.isEmpty == false }

    /// Reads the options that are said by name and not left to the defaults; nil for what cannot be
    /// read.
    private static func options(of text: String) -> [String: String]? {
        var message: UnsafeMutablePointer<CChar>?
        guard let list = PQconninfoParse(text, &message) else {
            PQfreemem(message)
            return nil
        }
        defer { PQconninfoFree(list) }
        var options: [String: String] = [:]
        var entry = list
        while let keyword = entry.pointee.keyword {
            if let value = entry.pointee.val {
                options[String(cString: keyword)] = String(cString: value)
            }
            entry += 1
        }
        return options
    }

    /// Whether a letter of the password has ended it early, so that its rest stands where a host,
    /// port or name should be; libpq's errors would show it.
    private static func isTorn(_ options: [String: String]) -> Bool {
        let named = [options["host"], options["dbname"], options["user"]].compactMap(\.self)
        let ports = options["port"] ?? ""
        return named.contains { $0.contains("@") }
            || !ports.allSatisfy { $0.isASCII && ($0.isNumber || $0 == ",") }
    }

    /// Each host by itself: libpq would not go on to the next when one of them hangs.
    var hosts: [PostgresHost] {
        func list(_ name: String) -> [String] {
            options[name]?.split(separator: ",", omittingEmptySubsequences: false)
                .map(String.init) ?? []
        }
        let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"))
        let count = max(names.count, addresses.count)
        guard count > 1 else { return [PostgresHost(settings: [])] }
        return (0..<count).map { index in
            var settings: [(name: String, value: String)] = []
            if names.count == count { settings.append(("host", names[index])) }
            if addresses.count == count { settings.append(("hostaddr", addresses[index])) }
            if ports.count == count { settings.append(("port", ports[index])) }
            return PostgresHost(settings: settings)
        }
    }
}

/// One host of an address: the settings of libpq that pick it.
struct PostgresHost {
    let settings: [(name: String, value: String)]
}

extension PostgresAddress: CustomStringConvertible {
    /// User, hosts and database.
    package var description: String {
        let user = options["user"].map { $0 + "@" } ?? ""
        let host = options["host"] ?? options["hostaddr"] ?? ""
        let port = options["port"].map { ":" + $0 } ?? ""
        let name = options["dbname"] ?? ""
        guard host.hasPrefix("/") else { return "postgres://\(user)\(host)\(port)/\(name)" }
        return "postgres://\(user)\(port)/\(name)?host=\(host)"
    }
}
