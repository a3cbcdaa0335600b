import DibsData
import DibsTesting

extension Backend {
    /// Runs a test on a library that is empty.
    func withLibrary<T>(_ body: (Database) async throws -> T) async throws -> T {
        try await withDatabase { database in
            try await database.migrate([Library.migration])
            return try await body(database)
        }
    }
}
