/// Bounds of a JSON text, so that reading it and working with it stays cheap.
package struct JSONLimits: Sendable, Hashable {
    /// So many arrays and objects may stand in each other.
    package var depth: Int
    /// So many values, counting those in arrays and objects.
    package var values: Int
    /// Bytes by which the canonical text may be longer than what was written.
    ///
    /// Only numbers grow, by losing their exponents: six bytes can become 330.
    package var growth: Int
    /// Whether more than 30 combining marks in a row are refused.
    package var isStreamSafe: Bool

    /// Text from outside: a body, a cursor, an argument.
    package static let outside = JSONLimits(
        depth: 64, values: 50_000, growth: 1024 * 1024, isStreamSafe: true)

    /// Text that Dibs wrote itself, in a row or an answer, around values that came from outside.
    package static let ours = JSONLimits(
        depth: 80, values: .max, growth: 1024 * 1024, isStreamSafe: false)
}
