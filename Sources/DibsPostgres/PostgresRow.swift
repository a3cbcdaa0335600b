internal import CLibPQ
internal import DibsData
internal import DibsJSON
internal import Foundation

/// The rows of one answer, binary; `row` is the one that is read.
final class PostgresRow: RowSource {
    private let result: OpaquePointer
    var row: CInt = 0

    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    private func type(_ column: Int) -> UInt32 { PQftype(result, CInt(column)) }

    private func bytes(
        _ column: Int, as wanted: String, _ types: UInt32...
    ) throws -> UnsafeRawBufferPointer {
        let name = PQfname(result, CInt(column)).map { String(cString: $0) } ?? "\(column)"
        guard !isNull(column) else { throw DataError(.mismatch, "column \(name) is null") }
        guard types.contains(type(column)) else {
            throw DataError(
                .mismatch, "column \(name) has type \(type(column)), which is not \(wanted)")
        }
        return UnsafeRawBufferPointer(
            start: PQgetvalue(result, row, CInt(column)),
            count: Int(PQgetlength(result, row, CInt(column))))
    }

    func isNull(_ column: Int) -> Bool { PQgetisnull(result, row, CInt(column)) == 1 }

    func bool(_ column: Int) throws -> Bool {
        try load(bytes(column, as: "boolean", PostgresType.bool)) as UInt8 != 0
    }

    func integer(_ column: Int) throws -> Int64 {
        let bytes = try bytes(
            column, as: "an integer", PostgresType.int8, PostgresType.int4, PostgresType.int2,
            PostgresType.numeric)
        switch type(column) {
        case PostgresType.int8: return try load(bytes)
        case PostgresType.int4: return Int64(try load(bytes) as Int32)
        case PostgresType.int2: return Int64(try load(bytes) as Int16)
        default: return try numeric(bytes, places: 0)  // what sum(bigint) answers
        }
    }

    func real(_ column: Int) throws -> Double {
        Double(bitPattern: try load(bytes(column, as: "a float", PostgresType.float8)))
    }

    func text(_ column: Int) throws -> String {
        String(
            decoding: try bytes(
                column, as: "text", PostgresType.text, PostgresType.varchar, PostgresType.name,
                PostgresType.bpchar),
            as: UTF8.self)
    }

    func uuid(_ column: Int) throws -> UUID {
        let bytes = try bytes(column, as: "uuid", PostgresType.uuid)
        guard bytes.count == 16 else { throw DataError(.mismatch, "a uuid of 16 bytes is missing") }
        return UUID(uuid: bytes.loadUnaligned(as: uuid_t.self))
    }

    func blob(_ column: Int) throws -> [UInt8] {
        Array(try bytes(column, as: "bytea", PostgresType.bytea))
    }

    func microseconds(_ column: Int) throws -> Int64 {
        let micros: Int64 = try load(
            bytes(column, as: "timestamptz", PostgresType.timestamptz))
        // The ends of the range are PostgreSQL's infinities.
        guard micros != .max, micros != .min else {
            throw DataError(.overflow, "an infinite time")
        }
        return micros.adding(saturating: PostgresType.epoch)
    }

    func nanos(_ column: Int) throws -> Int64 {
        try numeric(try bytes(column, as: "numeric", PostgresType.numeric), places: 9)
    }

    func json<T>(_ column: Int, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
        let bytes = try bytes(column, as: "jsonb", PostgresType.jsonb)
        return try body(UnsafeRawBufferPointer(rebasing: bytes.dropFirst()))  // the version
    }
}

private func load<T: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, at offset: Int = 0
) throws -> T {
    guard offset + MemoryLayout<T>.size <= bytes.count else {
        throw DataError(.mismatch, "a value has fewer bytes than its type")
    }
    return T(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
}

private let powersOfTen: [Int64] = (0..<19).map { (0..<$0).reduce(1) { power, _ in power * 10 } }

/// Reads NUMERIC as a count of 10^-places; more digits, NaN, infinity or a value past Int64 throw.
private func numeric(_ bytes: UnsafeRawBufferPointer, places: Int) throws -> Int64 {
    let count = Int(try load(bytes) as UInt16)
    let weight = Int(try load(bytes, at: 2) as Int16)
    let sign: UInt16 = try load(bytes, at: 4)
    guard sign == 0 || sign == 0x4000 else {
        throw DataError(.overflow, "NaN or infinity in a decimal")
    }
    var total: Int64 = 0
    for index in 0..<count {
        var digit = Int64(try load(bytes, at: 8 + 2 * index) as UInt16)
        var exponent = 4 * (weight - index) + places
        while exponent < 0, digit > 0 {
            guard digit % 10 == 0 else {
                throw DataError(.overflow, "a decimal has more than \(places) places")
            }
            (digit, exponent) = (digit / 10, exponent + 1)
        }
        guard digit > 0 else { continue }
        guard exponent < powersOfTen.count else {
            throw DataError(.overflow, "a decimal is too large")
        }
        let (part, tooLarge) = digit.multipliedReportingOverflow(by: powersOfTen[exponent])
        let (sum, overflow) = total.addingReportingOverflow(part)
        guard !tooLarge, !overflow else {
            throw DataError(.overflow, "a decimal is too large")
        }
        total = sum
    }
    return sign == 0 ? total : -total
}
