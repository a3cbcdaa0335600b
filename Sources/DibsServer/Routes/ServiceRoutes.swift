internal import DibsCore
internal import HTTPTypes

/// What a supervisor asks: whether the process lives, and whether it can serve.
enum ServiceRoutes {
    static let all = [
        Route(.get, "/healthz", access: .anyone) { _ in try .ok(["status": "ok"]) },
        Route(.get, "/readyz", access: .anyone) { call in
            try await call.service.ready()
            return try .ok(["status": "ready"])
        },
    ]
}
