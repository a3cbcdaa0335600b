package import DibsCore
package import DibsData

// How the values of DibsCore stand in a column. The enumerations get a CHECK of their cases.

extension Identifier: SQLValue, Key {
    package static var kind: SQLKind { .uuid }
    package var binding: SQLBinding { .uuid(uuid) }
    package init(from row: inout RowReader) throws {
        self.init(try row.source.uuid(row.advance()))
    }
}

extension USD: SQLValue {
    package static var kind: SQLKind { .decimal }
    package var binding: SQLBinding { .decimal(nanos: nanos) }
    package init(from row: inout RowReader) throws {
        let nanos = try row.source.nanos(row.advance())
        guard nanos.magnitude < USD.limit.magnitude else {
            throw DataError(.overflow, "an amount is out of range")
        }
        self.init(nanos: nanos)
    }
}

extension KeyHash: SQLValue {
    package static var kind: SQLKind { .blob }
    package var binding: SQLBinding { .blob(bytes) }
    package init(from row: inout RowReader) throws {
        self.init(bytes: try row.source.blob(row.advance()))
    }
}

extension SealedBytes: SQLValue {
    package static var kind: SQLKind { .blob }
    package var binding: SQLBinding { .blob(bytes) }
    package init(from row: inout RowReader) throws {
        self.init(bytes: try row.source.blob(row.advance()))
    }
}

extension AccountType: SQLValue {}
extension AccountLevel: SQLValue {}
extension AuthType: SQLValue {}
extension AccessMode: SQLValue {}
extension SourceType: SQLValue {}
extension RunnerPreference: SQLValue {}
extension ArtifactType: SQLValue {}
extension SecretKind: SQLValue {}
extension Provenance: SQLValue {}
extension TaskStatus: SQLValue {}
extension WorkerStatus: SQLValue {}
extension FailureClass: SQLValue {}
extension QuestionKind: SQLValue {}

extension Capabilities: JSONColumn {}
extension WaitingFor: JSONColumn {}
extension GitConfig: JSONColumn {}
