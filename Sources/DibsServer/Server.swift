package import DibsCore
internal import HTTPTypes
internal import Hummingbird
package import Logging
internal import NIOCore
internal import ServiceLifecycle

/// The HTTP door: serves a `DibsService` until it is told to stop.
///
/// It ends on graceful shutdown: it takes no new connection, and answers what it has begun.
package struct DibsServer: Service {
    /// What it serves.
    package let service: any DibsService
    /// The address it listens on; `127.0.0.1` lets nobody in from outside.
    package let host: String
    /// The port it listens on; 0 takes any that is free.
    package let port: Int
    private let logger: Logger
    private let onBound: @Sendable (Int) async -> Void

    /// A server that is not yet running; `onBound` is told the port once it can be reached.
    package init(
        _ service: any DibsService, host: String = "127.0.0.1", port: Int = 7171,
        logger: Logger, onBound: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
    ) {
        (self.service, self.host, self.port) = (service, host, port)
        (self.logger, self.onBound) = (logger, onBound)
    }

    package func run() async throws {
        let application = Application(
            router: router(of: .api),
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

    private func router(of table: RouteTable) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: FrontDesk(table: table, logger: logger))
        for route in table.routes {
            let names = route.captureNames
            router.on(RouterPath(route.path), method: route.method) { request, context in
                var captures: [String: String] = [:]
                for name in names { captures[name] = context.parameters.get(name) }
                let call = try await Call(
                    request, captures: captures, route: route, service: service)
                return try await route.handler(call).response
            }
        }
        return router
    }
}
