internal import Foundation

/// Random inputs from a seed: boundary values, and what becomes of them by small changes.
package struct FuzzInputs: Sendable {
    private var random: SplitMix

    /// The same inputs for the same seed.
    package init(seed: UInt64) { random = SplitMix(state: seed) }

    private static let starts: [[UInt8]] =
        (Boundaries.json + Boundaries.times + Boundaries.ids + Boundaries.texts
        + Boundaries.texts.map(Boundaries.quoted)
        + [
            #"{"title":"t","costUsd":"1.5","notBefore":"2026-11-24T09:30:00Z","context":{}}"#,
            "limit=5&cursor=x&a=%20+b", "gpu,xcode",
            "WyJib29rcyAwLSIsIjE3OTU1MTI2MDAwMDAwMDAiXQ",
        ]).map { Array($0.utf8) }

    private static let pieces: [[UInt8]] = [
        "e", "-", "+", ".", "0", "9", "\"", "\\", "\\u0000", "[", "]", "{", "}", ":", ",", "%", "&",
        "=", "T", "Z", "\u{301}", "\u{202E}", "99999999999999999999",
    ].map { Array($0.utf8) }

    /// The next input, at most 20 kB.
    package mutating func next() -> [UInt8] {
        var bytes = pick(Self.starts)
        for _ in 0..<random.below(5) { change(&bytes) }
        return Array(bytes.prefix(20_000))
    }

    private mutating func pick<Element>(_ from: [Element]) -> Element {
        from[random.below(from.count)]
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let place = random.below(bytes.count + 1)
        switch random.below(6) {
        case 0: bytes.insert(contentsOf: pick(Self.pieces), at: place)
        case 1: bytes.insert(UInt8(random.below(256)), at: place)
        case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(8)))
        case 3: bytes = Array(bytes.prefix(place)) + pick(Self.starts).prefix(2000)
        case 4:
            let part = bytes[place..<min(bytes.count, place + 1 + random.below(16))]
            bytes.insert(contentsOf: part, at: place)
        default: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.below(8)) }
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): the same numbers everywhere for the same seed.
private struct SplitMix: Sendable {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(max(bound, 1)))
    }
}
