internal import ArgumentParser
internal import DibsClient
internal import DibsCore
internal import DibsData
internal import DibsEngine
internal import Foundation
internal import Logging
internal import ServiceLifecycle

/// The command `dibs bench`.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure this machine: tasks added, claimed and completed a second.",
        discussion: """
            Everything is durable, as it is in service. Figures of one run can be compared with \
            each other; the ratio is to one caller on the same engine. Build with -c release for \
            figures that mean something.

            Examples:
              dibs bench
              dibs bench --postgres postgres://dibs@db/bench --tasks 5000
            """)

    @Option(help: "An empty PostgreSQL database to measure too.")
    var postgres: String?

    @Option(help: "Tasks a round, 100 to 100000.")
    var tasks: Int = 2000

    func validate() throws {
        guard (100...100_000).contains(tasks) else {
            throw ValidationError("--tasks takes 100 to 100000.")
        }
    }

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "dibs-bench-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        var places = [
            ("SQLite", "sqlite:" + folder.appending(path: "a.sqlite").path(percentEncoded: false))
        ]
        if let postgres { places.append(("PostgreSQL", postgres)) }
        var table = TextTable("engine", "callers", "adds/s", "claims/s", "completions/s", "ratio")
        for (name, address) in places {
            let options = DatabaseOptions(database: address)
            let database = try options.open()
            let installation = try await Installation.open(
                database, secret: { _ in .random() }, adminKey: nil)
            guard let admin = installation.firstAdmin else {
                throw DibsError(
                    .usage, "That database is in use already.", hint: "Give an empty one.")
            }
            let round = BenchRound(
                service: installation.engine, admin: Credential(admin.apiKey), tasks: tasks)
            var alone = 0.0
            for callers in [1, 8, 64] {
                let speed = try await round.run(callers: callers)
                if callers == 1 { alone = speed.claims }
                table.add(
                    name, "\(callers)", Self.text(speed.adds), Self.text(speed.claims),
                    Self.text(speed.completions),
                    String(format: "%.1f", speed.claims / alone))
            }
            await database.close()
        }
        Terminal.print(table.text(orNone: ""))
    }

    private static func text(_ number: Double) -> String { "\(Int(number.rounded()))" }
}

/// Adds tasks, claims them all and completes them all, with so many callers at once.
struct BenchRound: Sendable {
    let service: any DibsService
    let admin: Credential
    let tasks: Int

    /// Claims and reports a second.
    struct Speed: Sendable {
        var adds: Double
        var claims: Double
        var completions: Double
    }

    func run(callers: Int) async throws -> Speed {
        let workspace = try await service.createWorkspace(
            NewWorkspace(name: "bench \(callers)", accessMode: .open), as: admin)
        let keys = try await accounts(callers)
        let adds = try await measured(callers) { caller in
            for number in 0..<(tasks / callers) {
                _ = try await service.createTask(
                    NewTask(workspaceID: workspace.id, title: "\(caller) \(number)"), as: admin)
            }
        }
        let taken = Taken()
        let claims = try await measured(callers) { caller in
            let request = ClaimRequest(workspaceID: workspace.id, runner: "bench \(caller)")
            while let worker = try await service.claim(request, as: keys[caller]).workers.first {
                await taken.add(worker.id, by: caller)
            }
        }
        let mine = await taken.all
        let completions = try await measured(callers) { caller in
            for worker in mine[caller, default: []] {
                _ = try await service.report(worker, Report(status: .completed), as: keys[caller])
            }
        }
        let count = Double(mine.values.map(\.count).reduce(0, +))
        return Speed(adds: count / adds, claims: count / claims, completions: count / completions)
    }

    private func accounts(_ count: Int) async throws -> [Credential] {
        var keys: [Credential] = []
        for number in 0..<count {
            let new = NewAccount(name: "bench \(count) \(number)", maxConcurrentWorkers: 1_000_000)
            keys.append(Credential(try await service.createAccount(new, as: admin).apiKey))
        }
        return keys
    }

    /// Seconds until all callers are done.
    private func measured(
        _ callers: Int, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for caller in 0..<callers { group.addTask { try await body(caller) } }
            try await group.waitForAll()
        }
        return start.duration(to: .now) / .seconds(1)
    }
}

/// The tasks each claimer took.
private actor Taken {
    private(set) var all: [Int: [Worker.ID]] = [:]

    func add(_ worker: Worker.ID, by caller: Int) { all[caller, default: []].append(worker) }
}
