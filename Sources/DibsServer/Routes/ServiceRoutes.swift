internal import DibsCore
internal import HTTPTypes

/// The questions of a supervisor: whether the process lives, whether it can serve, and how it is
/// doing.
enum ServiceRoutes {
    static let all = [
        Route(.get, "/healthz", access: .anyone) { _ in try .ok(["status": "ok"]) },
        Route(.get, "/readyz", access: .anyone) { call in
            try await call.checkReadiness()
            return try .ok(["status": "ready"])
        },
        Route(.get, "/api/caller") { call in
            try .ok(await call.service.prove(call.caller))
        },
        Route(.get, "/api/measures") { call in
            try .ok(await call.service.measures(as: call.caller))
        },
        Route(.get, "/metrics") { call in
            let measures = try await call.service.measures(as: call.caller)
            return Answer(
                status: 200, mediaType: "text/plain; version=0.0.4; charset=utf-8",
                body: Array(measures.prometheusText.utf8))
        },
    ]
}
