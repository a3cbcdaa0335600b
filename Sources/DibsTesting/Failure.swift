/// The error a closure throws, or nil when it throws none; an error of another type is passed on.
package func failure<E: Error, T>(
    as type: E.Type = E.self, of body: () async throws -> T
) async throws -> E? {
    do {
        _ = try await body()
        return nil
    } catch let error as E {
        return error
    }
}
