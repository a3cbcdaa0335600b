/// A workspace's settings of how runners branch.
package struct GitConfig: Sendable, Hashable, Codable {
    /// The branch that work starts from; nil is the repository's own head.
    package var baseBranch: String?
    /// The beginning of each branch's name; nil is `dibs/`.
    package var branchPrefix: String?

    /// Both settings.
    package init(baseBranch: String? = nil, branchPrefix: String? = nil) {
        (self.baseBranch, self.branchPrefix) = (baseBranch, branchPrefix)
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable { case baseBranch, branchPrefix }
}
