package import DibsCore
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
package import Logging
internal import NIOCore
internal import ServiceLifecycle

/// The HTTP door: serves a `DibsService` until it is told to stop.
///
/// Its layers, from the socket up: `Connections` (times, limits, the parts of HTTP/1.1 below a
/// request), `FrontDesk` (id, log, errors), `Gate` (who comes in), and then a route of the table.
///
/// The server ends on graceful shutdown: it takes no new connection, and answers what it has begun.
package struct DibsServer: Service {
    /// The service behind the door.
    package let service: any DibsService
    /// The address it listens on; `127.0.0.1` lets nobody in from outside.
    package let host: String
    /// The port it listens on; 0 takes any that is free.
    package let port: Int
    private let settings: DoorSettings
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// A server that is not yet running; `onBound` is told the port once it can be reached.
    package init(
        _ service: any DibsService, host: String = "127.0.0.1", port: Int = 7171,
        settings: DoorSettings = DoorSettings(), logger: Logger,
        onBound: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        (self.service, self.host, self.port) = (service, host, port)
        (self.settings, self.logger, self.onBound) = (settings, logger, onBound)
    }

    package func run() async throws {
        let limits = ConnectionLimits(
            inAll: Descriptors.connections(atMost: settings.connections),
            proxies: TrustedProxies(blocks: settings.trustedProxies))
        let patience = settings.patience
        let gate = Gate(service, listeningOn: host, settings, logger: logger)
        let application = Application(
            router: router(of: .api, gate),
            server: HTTPServerBuilder { responder in
                DoorChannel(responder: responder, limits: limits, patience: patience)
            },
            configuration: ApplicationConfiguration(
                address: .hostname(host, port: port), serverName: "dibs"),
            onServerRunning: { channel in
                await onBound(channel.localAddress?.port ?? port)
            },
            logger: quiet)
        try await application.run()
    }

    /// Hummingbird's own lines are for debugging it; ours say what people need.
    private var quiet: Logger {
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return quiet
    }

    private func router(of table: RouteTable, _ gate: Gate) -> Router<DoorContext> {
        let router = Router(context: DoorContext.self)
        router.add(middleware: FrontDesk(table: table, gate: gate, logger: logger))
        for route in table.routes {
            let names = route.captureNames
            for method in route.servedMethods {
                router.on(RouterPath(route.path), method: method) { request, context in
                    var captures: [String: String] = [:]
                    for name in names { captures[name] = context.parameters.get(name) }
                    let call = try await Call(
                        request, captures: captures, route: route, gate: gate,
                        visit: context.visit)
                    let holder = context.visit.name
                    return try await answer(route, call, gate).response(gate.answers, for: holder)
                }
            }
        }
        return router
    }

    /// Serves a call within its time, and one with a large body on threads of its own.
    private func answer(_ route: Route, _ call: Call, _ gate: Gate) async throws -> Answer {
        let handler = route.handler
        let serve: @Sendable () async throws -> Answer = {
            guard call.isLarge else { return try await handler(call) }
            return try await withTaskExecutorPreference(SmallPool.shared) {
                try await handler(call)
            }
        }
        // A claim that waits keeps its own time: it listens to its connection meanwhile.
        guard !route.waits else { return try await serve() }
        let late = route.method == .get ? Deadline.ofRead : Deadline.ofWrite
        return try await Deadline.run(within: gate.settings.request, orThrow: late, serve)
    }
}
