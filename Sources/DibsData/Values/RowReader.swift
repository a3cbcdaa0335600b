package import Foundation

/// One row under an engine's cursor; columns are read by position, and only as what they are.
///
/// Each reader throws `mismatch` for a null or another type, `overflow` for what does not fit.
package protocol RowSource: AnyObject {
    /// Whether the column is NULL.
    func isNull(_ column: Int) -> Bool
    /// A truth value.
    func bool(_ column: Int) throws -> Bool
    /// A whole number.
    func integer(_ column: Int) throws -> Int64
    /// A float.
    func real(_ column: Int) throws -> Double
    /// A text.
    func text(_ column: Int) throws -> String
    /// 16 bytes.
    func uuid(_ column: Int) throws -> UUID
    /// Bytes.
    func blob(_ column: Int) throws -> [UInt8]
    /// A time in microseconds since 1970, UTC.
    func microseconds(_ column: Int) throws -> Int64
    /// A decimal as a count of 10⁻⁹.
    func nanos(_ column: Int) throws -> Int64
    /// The bytes of a JSON text, valid in the closure.
    func json<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T
}

/// Reads the columns of a row from left to right.
package struct RowReader {
    /// The row.
    package let source: any RowSource
    /// The column to be read next.
    package var column = 0

    /// A reader at the first column.
    package init(_ source: any RowSource) { self.source = source }

    /// The column to read now; the next call is about the one after.
    package mutating func advance() -> Int {
        defer { column += 1 }
        return column
    }
}
