internal import DibsCore

/// The operator's settings of a server's door.
package struct DoorSettings: Sendable {
    /// Names besides its own that the server may be called by; see `HostCheck`.
    package var allowedHosts: [String]
    /// Proxies whose `X-Forwarded-For` counts.
    package var trustedProxies: [AddressBlock]
    /// The times that one connection is given.
    package var patience = Patience()
    /// Settings of how wrong keys are slowed.
    package var failures = FailureSettings()
    /// Connections in all, at most as many as the process's descriptors carry.
    package var connections = 4096
    /// Bytes of large answers that are written or sent at a time; one caller gets half of them.
    package var answerBytes = 128 << 20
    /// The longest time that a request takes in the service, a waiting claim's wait not counted.
    package var request = Duration.seconds(30)
    /// The longest time that `/readyz` takes.
    package var readiness = Duration.seconds(2)

    /// The settings of a server that is called by its own name, with no proxy before it.
    package init() { (allowedHosts, trustedProxies) = ([], []) }

    /// Settings; throws `usage` for a proxy that is no address and no block of addresses.
    package init(allowedHosts: [String], trustedProxies: [String]) throws {
        self.allowedHosts = allowedHosts.filter { !$0.isEmpty }
        self.trustedProxies = try trustedProxies.filter { !$0.isEmpty }.map { text in
            guard let block = AddressBlock(text) else {
                throw DibsError(
                    .usage, "That is no address of a proxy.", details: ["proxy": text],
                    hint: "Use an address or a block, such as 10.0.0.7 or 10.0.0.0/8.")
            }
            return block
        }
    }
}
