internal import Foundation
internal import NIOCore

/// An IP address, of a peer or as a proxy names it.
package struct PeerAddress: Sendable, Hashable {
    /// 4 or 16 bytes; an IPv4 address that came as IPv6 has 4.
    let bytes: [UInt8]

    private static let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]

    /// Reads `192.0.2.7`, `2001:db8::7` or `[2001:db8::7]`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard text.utf8.count <= 64 else { return nil }
        let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
        let plain = isBracketed ? String(text.dropFirst().dropLast()) : String(text)
        guard let address = try? SocketAddress(ipAddress: plain, port: 0) else { return nil }
        self.init(address)
    }

    /// The address of a socket; nil when it is none of IP.
    init?(_ address: SocketAddress?) {
        switch address {
        case .v4(let v4)?:
            bytes = withUnsafeBytes(of: v4.address.sin_addr) { Array($0) }
        case .v6(let v6)?:
            let all = withUnsafeBytes(of: v6.address.sin6_addr) { Array($0) }
            bytes = all.starts(with: Self.mapped) ? Array(all.dropFirst(12)) : all
        default: return nil
        }
    }

    /// The network of one subscriber: the whole address of IPv4, the first 64 bits of IPv6.
    var network: [UInt8] { bytes.count == 4 ? bytes : Array(bytes.prefix(8)) }

    /// Whether it is this machine's own, as `127.0.0.1` and `::1` are.
    var isLoopback: Bool {
        bytes.count == 4
            ? bytes.first == 127 : bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }
}

extension PeerAddress: CustomStringConvertible {
    package var description: String {
        let packed = ByteBuffer(bytes: bytes)
        return (try? SocketAddress(packedIPAddress: packed, port: 0))?.ipAddress ?? "unknown"
    }
}

/// A block of IP addresses, such as `10.0.0.0/8` or one address alone.
package struct AddressBlock: Sendable, Hashable {
    private let start: PeerAddress
    private let bits: Int

    /// Reads `ADDRESS` or `ADDRESS/BITS`; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let start = PeerAddress(halves[0]) else { return nil }
        let most = start.bytes.count * 8
        guard halves.count > 1 else {
            (self.start, bits) = (start, most)
            return
        }
        guard let bits = Int(halves[1]), (0...most).contains(bits) else { return nil }
        (self.start, self.bits) = (start, bits)
    }

    /// Whether an address is in the block.
    package func contains(_ address: PeerAddress) -> Bool {
        guard address.bytes.count == start.bytes.count else { return false }
        let whole = bits / 8
        guard address.bytes.prefix(whole) == start.bytes.prefix(whole) else { return false }
        guard bits % 8 > 0 else { return true }
        let shift = UInt8(8 - bits % 8)
        return address.bytes[whole] >> shift == start.bytes[whole] >> shift
    }
}
