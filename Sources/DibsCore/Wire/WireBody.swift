/// What a request may hold: only a field that is named here is taken.
package protocol WireBody: Decodable {
    /// Every field's name on the wire.
    static var fieldNames: [String] { get }
}

extension NewAccount: WireBody {
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}

extension AccountChange: WireBody {
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}

extension Rights: WireBody {
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}

extension NewWorkspace: WireBody {
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}

extension NewSource: WireBody {
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}

extension NewTask: WireBody {
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}

extension ClaimRequest: WireBody {
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}

extension Report: WireBody {
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}

extension NewArtifact: WireBody {
    package static var fieldNames: [String] { CodingKeys.allCases.map(\.rawValue) }
}
