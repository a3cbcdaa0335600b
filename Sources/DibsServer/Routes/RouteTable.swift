package import DibsCore
package import HTTPTypes

/// All routes; the router, 404, 405 and the description of the API come from it.
package struct RouteTable: Sendable {
    /// The routes, in the order people read them.
    package let routes: [Route]

    /// A table of some routes.
    package init(_ routes: [Route]) { self.routes = routes }

    /// Everything Dibs serves.
    package static let api = RouteTable(
        AccountRoutes.all + WorkspaceRoutes.all + TaskRoutes.all + WorkerRoutes.all
            + ServiceRoutes.all)

    /// The methods a path takes, empty when there is no such path.
    ///
    /// A path that fits two templates belongs to the one with fewer captures, as in the router:
    /// `/api/workers/claim` is not the worker called claim.
    package func methods(at path: String) -> [HTTPRequest.Method] {
        served(at: path).flatMap(\.servedMethods)
    }

    /// Whether everybody may call a path, whatever the method; false where there is none.
    func isOpen(at path: String) -> Bool {
        let routes = served(at: path)
        return !routes.isEmpty && routes.allSatisfy { $0.access == .anyone }
    }

    private func served(at path: String) -> [Route] {
        let fitting = routes.filter { $0.fits(path) }
        guard let closest = fitting.min(by: { $0.captureNames.count < $1.captureNames.count })
        else { return [] }
        return fitting.filter { $0.path == closest.path }
    }

    /// The error when no route answered: `no_route`, or `method_not_allowed` with the methods in
    /// `allow`.
    package func refusal(of method: HTTPRequest.Method, at path: String) -> DibsError {
        let allowed = methods(at: path).map(\.rawValue).sorted().joined(separator: ", ")
        guard !allowed.isEmpty else {
            return DibsError(
                .noRoute, "There is no such path.", details: ["path": String(path.prefix(200))],
                hint: "The API is under /api; see `dibs help` or the README for its paths.")
        }
        return DibsError(
            .methodNotAllowed, "The path does not take this method.",
            details: ["method": method.rawValue, "allow": allowed], hint: "Use \(allowed).")
    }
}
