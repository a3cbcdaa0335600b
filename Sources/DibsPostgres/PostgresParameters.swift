internal import DibsData
internal import DibsJSON
internal import Foundation

/// The parameters of one call, binary, end to end in one buffer.
struct PostgresParameters {
    private(set) var types: [UInt32] = []
    private(set) var lengths: [CInt] = []
    private(set) var formats: [CInt] = []
    /// The place at which each begins; nil is NULL.
    private var offsets: [Int?] = []
    /// The first byte is nobody's: an empty text is not NULL, so it needs an address.
    private var bytes: [UInt8] = [0]

    init(_ values: [SQLBinding]) {
        bytes.reserveCapacity(32 * values.count)
        for value in values {
            let start = bytes.count
            types.append(PostgresType.of(value))
            formats.append(1)
            if case .null = value {
                offsets.append(nil)
            } else {
                put(value)
                offsets.append(start)
            }
            lengths.append(CInt(bytes.count - start))
        }
    }

    var count: CInt { CInt(types.count) }

    func withPointers<T>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) throws -> T) rethrows -> T
    {
        try bytes.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset.flatMap { start?.advanced(by: $0) } }
            return try pointers.withUnsafeBufferPointer { try body($0.baseAddress) }
        }
    }

    private mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    private mutating func put(_ value: SQLBinding) {
        switch value {
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .integer(let value): put(value)
        case .real(let value): put(value.bitPattern)
        case .text(let value): bytes.append(contentsOf: value.utf8)
        case .json(let value):
            bytes.append(1)  // the format's version
            bytes.append(contentsOf: value.utf8)
        case .blob(let value): bytes.append(contentsOf: value)
        case .uuid(let value):
            withUnsafeBytes(of: value.uuid) { bytes.append(contentsOf: $0) }
        case .timestamp(let micros): put(micros.subtracting(saturating: PostgresType.epoch))
        case .decimal(let nanos): put(numeric: nanos)
        case .array(let values, let kind): put(array: values, of: kind)
        case .null: preconditionFailure("a NULL has no bytes")
        }
    }

    /// One dimension, no NULLs, the element's type, the count, a lower bound of 1, and then each
    /// element after its length.
    private mutating func put(array values: [SQLBinding], of kind: SQLKind) {
        put(Int32(1))
        put(Int32(0))
        put(PostgresType.of(kind))
        put(Int32(values.count))
        put(Int32(1))
        for value in values {
            let place = bytes.count
            put(Int32(0))
            put(value)
            let length = UInt32(bytes.count - place - 4)
            withUnsafeBytes(of: length.bigEndian) { length in
                for (index, byte) in length.enumerated() { bytes[place + index] = byte }
            }
        }
    }

    /// NUMERIC on the wire (`numeric_recv`): groups of four digits, the weight of the first group,
    /// the sign, and how many digits are shown after the point.
    private mutating func put(numeric nanos: Int64) {
        var rest = nanos.magnitude
        var weight = -3
        // Nine places are two groups and a digit: the last group is the ninth digit × 1000.
        var groups = [UInt16(rest % 10 * 1000)]
        rest /= 10
        while rest > 0 {
            groups.append(UInt16(rest % 10_000))
            rest /= 10_000
            weight += 1
        }
        var digits = groups.reversed()[...]
        while digits.first == 0 { (_, weight) = (digits.removeFirst(), weight - 1) }
        while digits.last == 0 { digits.removeLast() }
        put(UInt16(digits.count))
        put(Int16(digits.isEmpty ? 0 : weight))
        put(nanos < 0 ? UInt16(0x4000) : 0)
        put(UInt16(9))
        for digit in digits { put(digit) }
    }
}
