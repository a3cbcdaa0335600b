/// The body of a request: only a field that is named here is taken.
package protocol WireBody: Decodable {
    /// The fields by their names on the wire.
    associatedtype CodingKeys: CodingKey, CaseIterable, RawRepresentable
    where CodingKeys.RawValue == String
}

extension WireBody {
    /// Every field's name on the wire.
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}

extension NewAccount: WireBody {}
extension AccountChange: WireBody {}
extension Rights: WireBody {}
extension NewWorkspace: WireBody {}
extension NewSource: WireBody {}
extension NewTask: WireBody {}
extension ClaimRequest: WireBody {}
extension Report: WireBody {}
extension Beat: WireBody {}
extension NewArtifact: WireBody {}
extension TaskUpdate: WireBody {}
extension WorkspaceChange: WireBody {}
extension NewAnswer: WireBody {}
extension NewCost: WireBody {}
