import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Accounts: a key is shown once, and nobody does what they may not")
struct AccountTests {
    @Test(arguments: Door.all)
    func `a key is shown once and kept as a hash`(through door: Door) async throws {
        try await door.open { bed in
            let made = try await bed.service.createAccount(
                NewAccount(name: "ada", maxCostPerDay: "12.50"), as: bed.admin)
            #expect(made.apiKey.hasPrefix("dibs_") && made.apiKey.utf8.count == 48)
            #expect(made.account.maxCostPerDay == "12.5")
            let me = try await bed.service.account(nil, as: Credential(made.apiKey))
            #expect(me.id == made.account.id && me.keyPrefix == String(made.apiKey.prefix(11)))
            let kept = try await bed.database.read { snapshot in
                try snapshot.rows(
                    "SELECT count(*) FROM accounts WHERE api_key = \(Array(made.apiKey.utf8))",
                    as: Int.self)
            }
            #expect(kept == [0])
        }
    }

    @Test(arguments: Door.all)
    func `a key that is unknown, forged or closed opens nothing`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let wrong = [
                "dibs_nothing", "", "dibw_00000000-0000-0000-0000-000000000000_AAAA", "dibw_x",
            ]
            for secret in wrong {
                let code = try await bed.code {
                    _ = try await bed.service.account(nil, as: Credential(secret))
                }
                #expect(code == .keyUnknown || code == .keyMissing, "\(secret)")
            }
            let (account, key) = try await bed.account()
            _ = try await bed.database.write { tx in
                try tx.execute(
                    "UPDATE accounts SET closed_at = created_at WHERE id = \(account.id)")
            }
            let closed = try await bed.code { _ = try await bed.service.account(nil, as: key) }
            #expect(closed == .accountClosed)
        }
    }

    @Test(arguments: Door.all)
    func `what is for admins is refused to others`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            let (account, key) = try await bed.account(in: workspace)
            let codes = [
                try await bed.code {
                    _ = try await bed.service.createAccount(NewAccount(name: "x"), as: key)
                },
                try await bed.code {
                    _ = try await bed.service.createWorkspace(NewWorkspace(name: "x"), as: key)
                },
                try await bed.code {
                    _ = try await bed.service.updateAccount(
                        account.id, AccountChange(maxConcurrentWorkers: 99), as: key)
                },
                try await bed.code {
                    _ = try await bed.service.grant(
                        account.id, in: workspace.id, Rights(), as: key)
                },
            ]
            #expect(codes == [.forbidden, .forbidden, .forbidden, .forbidden])
            let (_, other) = try await bed.account(NewAccount(name: "other"))
            let hidden = try await bed.code {
                _ = try await bed.service.account(account.id, as: other)
            }
            #expect(hidden == .notFound)
            let seen = try await bed.service.accounts(.first, as: other)
            #expect(seen.items.map(\.name) == ["other"])
            let all = try await bed.service.accounts(.first, as: bed.admin)
            #expect(Set(all.items.map(\.name)) == ["admin", "worker", "other"])
        }
    }

    @Test(arguments: Door.all)
    func `a value out of its range is refused and nothing is made`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let bad = [
                NewAccount(name: ""), NewAccount(name: "x", maxCostPerDay: "-1"),
                NewAccount(name: "x", maxConcurrentWorkers: 0),
                NewAccount(name: "x", timeZone: "Mars/Olympus"),
            ]
            for new in bad {
                let code = try await bed.code {
                    _ = try await bed.service.createAccount(new, as: bed.admin)
                }
                #expect(code == .invalidField)
            }
            #expect(try await bed.service.accounts(.first, as: bed.admin).items.count == 1)
        }
    }

    @Test(arguments: Door.all)
    func `limits change and the rest stays`(through door: Door) async throws {
        try await door.open { bed in
            let (account, _) = try await bed.account(NewAccount(name: "a", email: "a@example.org"))
            let changed = try await bed.service.updateAccount(
                account.id, AccountChange(maxCostPerDay: .at("3"), maxConcurrentWorkers: 7),
                as: bed.admin)
            #expect(changed.maxConcurrentWorkers == 7 && changed.maxCostPerDay == "3")
            #expect(changed.email == "a@example.org" && changed.name == "a")
        }
    }

    @Test(arguments: Door.all)
    func `a limit that is taken away holds nobody back`(through door: Door) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace { $0.maxWorkers = 1 }
            for _ in 0..<4 { try await bed.task(in: workspace) }
            let (account, key) = try await bed.account(
                NewAccount(name: "a", maxCostPerDay: "1", maxConcurrentWorkers: 1), in: workspace)
            let first = try await bed.claim(as: key) { $0.maxTasks = 4 }
            #expect(first.count == 1)
            let free = AccountChange(maxCostPerDay: .unlimited, maxConcurrentWorkers: .unlimited)
            let after = try await bed.service.updateAccount(account.id, free, as: bed.admin)
            #expect(after.maxCostPerDay == nil && after.maxConcurrentWorkers == nil)
            #expect(try await bed.claim(as: key).isEmpty, "the workspace is still full")
            let open = WorkspaceChange(maxWorkers: .unlimited)
            _ = try await bed.service.updateWorkspace(workspace.id, open, as: bed.admin)
            #expect(try await bed.claim(as: key) { $0.maxTasks = 2 }.count == 2)
            let two = WorkspaceChange(maxWorkers: 4)
            let limited = try await bed.service.updateWorkspace(workspace.id, two, as: bed.admin)
            #expect(limited.activeWorkers == 3, "a new limit counts who is there")
        }
    }
}
