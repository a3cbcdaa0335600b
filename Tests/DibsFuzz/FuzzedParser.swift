internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsServer
internal import Foundation

/// A parser of outside input, and what must hold of whatever it makes of some bytes.
///
/// A parser may refuse; it may not stop the program, give a value that its own text does not give
/// again, or one that the rest of Dibs cannot hold.
package enum FuzzedParser: String, Sendable, CaseIterable {
    case json, number, amount, time, identifier, cursor, capabilities, query, body, problem

    /// Parses some bytes; a sentence for what does not hold, nil when all does.
    package func finding(_ bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        switch self {
        case .json: return Self.json(bytes)
        case .number: return Self.number(text)
        case .amount:
            guard let amount = USD(text) else { return nil }
            guard amount.nanos.magnitude < USD.limit.magnitude else { return "It is too large." }
            return USD(amount.description) == amount ? nil : "Its text is another amount."
        case .time:
            guard let date = Date(rfc3339: text) else { return nil }
            let isKept = Date(rfc3339: date.rfc3339) == date && date.rfc3339.utf8.count == 24
            return isKept ? nil : "Its text is another time: \(date.rfc3339)."
        case .identifier:
            guard let id = Identifier<Account>(text) else { return nil }
            return id.description == text.lowercased() ? nil : "Its text is another id."
        case .cursor: return Self.cursor(text)
        case .capabilities:
            guard let words = try? Capabilities(text.split(separator: ",").map(String.init)) else {
                return nil
            }
            return (try? Capabilities(words.names)) == words ? nil : "Its words are others."
        case .query:
            guard let query = try? Query(text, allowed: ["a", "limit", "cursor"]) else {
                return nil
            }
            _ = try? (query.page(), query.number("a"), query.flag("a"))
            let id: Identifier<Account>? = try? query.id("a")
            return id == nil || query.text("a") != nil ? nil : "An id came from nowhere."
        case .body: return Self.body(bytes)
        case .problem:
            guard let problem = Problem(bytes) else { return nil }
            return Problem(problem.bytes)?.error.code == problem.error.code
                ? nil : "Its text is another problem."
        }
    }

    private static func json(_ bytes: [UInt8]) -> String? {
        guard let value = try? JSON.parse(bytes) else { return nil }
        let text = value.canonicalBytes
        guard text.count == value.canonicalLength else { return "Its length is another." }
        guard text.count <= bytes.count + JSONLimits.outside.growth else { return "It grows." }
        guard let again = try? JSON.parse(text) else { return "Its text is refused." }
        guard again == value, again.canonicalBytes == text else { return "Its text is another." }
        return nil
    }

    private static func number(_ text: String) -> String? {
        guard let number = JSONNumber(text) else { return nil }
        guard JSONNumber(number.text) == number else { return "Its text is another number." }
        guard number.text.utf8.count == number.textLength else { return "Its length is another." }
        return number.double.isFinite ? nil : "No double can hold it."
    }

    private static func cursor(_ text: String) -> String? {
        _ = Cursor.bytes(of: text)
        let kinds: [SQLKind] = [.bool, .integer, .real, .text, .uuid, .timestamp, .decimal]
        for kind in kinds {
            guard let value = Cursor.binding(text, kind) else { continue }
            switch value {
            case .timestamp(let microseconds):
                guard Date.millisecondRange.contains(microseconds / 1000) else {
                    return "A time is out of range."
                }
            case .real(let number): guard number.isFinite else { return "A float is infinite." }
            default: break
            }
            guard Cursor.binding(Cursor.text(value), kind) == value else {
                return "Its text is another place."
            }
        }
        return nil
    }

    private static var bodies: [any WireBody.Type] {
        [
            NewAccount.self, AccountChange.self, Rights.self, NewWorkspace.self, NewSource.self,
            NewTask.self, ClaimRequest.self, Report.self, NewArtifact.self, TaskUpdate.self,
            WorkspaceChange.self, NewAnswer.self, NewCost.self,
        ]
    }

    private static func body(_ bytes: [UInt8]) -> String? {
        for type in bodies {
            do { _ = try Wire.decode(body: type, from: bytes) } catch let error as DibsError {
                guard error.details.values.allSatisfy({ $0.utf8.count < 2000 }) else {
                    return "The error repeats what came in, at any length."
                }
            } catch {
                return "It throws \(error)."
            }
        }
        return nil
    }
}
