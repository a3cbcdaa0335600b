import DibsCore
import DibsData
import DibsEngine
import DibsJSON
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Workspaces: denied unless allowed")
struct WorkspaceTests {
    @Test(arguments: Door.all)
    func `a name is taken once`(through door: Door) async throws {
        try await door.open { bed in
            let made = try await bed.workspace("site") {
                $0.memory = ["stack": ["swift"]]
                $0.gitConfig = GitConfig(baseBranch: "main")
                $0.maxWorkers = 2
            }
            #expect(try await bed.service.workspace(made.id, as: bed.admin) == made)
            let twice = try await bed.code { _ = try await bed.workspace("site") }
            #expect(twice == .nameTaken)
        }
    }

    @Test(arguments: Door.all)
    func `a key sees the workspaces it is linked to, and open ones`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let linked = try await bed.workspace("linked")
            let open = try await bed.workspace("open") { $0.accessMode = .open }
            let hidden = try await bed.workspace("hidden")
            let (_, key) = try await bed.account(in: linked)
            let seen = try await bed.service.workspaces(named: nil, .first, as: key)
            #expect(seen.items.map(\.name) == ["linked", "open"])
            let named = try await bed.service.workspaces(named: "open", .first, as: key)
            #expect(named.items == [open])
            let code = try await bed.code {
                _ = try await bed.service.workspace(hidden.id, as: key)
            }
            #expect(code == .notFound)
        }
    }

    @Test(arguments: Door.all)
    func `creating needs can_create, and in an open workspace no link`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let closed = try await bed.workspace("closed")
            let open = try await bed.workspace("open") { $0.accessMode = .open }
            let (account, key) = try await bed.account()
            _ = try await bed.service.grant(
                account.id, in: closed.id, Rights(canClaim: true, canCreate: false), as: bed.admin)
            let new = { (workspace: Workspace) in NewTask(workspaceID: workspace.id, title: "t") }
            let refused = try await bed.code {
                _ = try await bed.service.createTask(new(closed), as: key)
            }
            #expect(refused == .forbidden)
            _ = try await bed.service.createTask(new(open), as: key)
            _ = try await bed.service.grant(
                account.id, in: open.id, Rights(canClaim: false, canCreate: false), as: bed.admin)
            let linkSaysNo = try await bed.code {
                _ = try await bed.service.createTask(new(open), as: key)
            }
            #expect(linkSaysNo == .forbidden)
            #expect(try await bed.claim(as: key).isEmpty)
        }
    }

    @Test(arguments: Door.all)
    func `a workspace is found by its name, whatever letters it has`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            for name in ["c++ & more", "c   & more", "100 %", "a=b?c#d/é"] {
                let made = try await bed.workspace(name)
                let found = try await bed.service.workspaces(named: name, .first, as: bed.admin)
                #expect(found.items.map(\.id) == [made.id], "\(name)")
            }
        }
    }

    @Test(arguments: Door.all)
    func `sources are made and listed, a name once a workspace`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            let workspace = try await bed.workspace()
            for name in ["b", "a"] {
                _ = try await bed.service.createSource(
                    NewSource(type: .github, name: name, config: ["repo": "o/r"]),
                    in: workspace.id, as: bed.admin)
            }
            let code = try await bed.code {
                _ = try await bed.service.createSource(
                    NewSource(name: "a"), in: workspace.id, as: bed.admin)
            }
            #expect(code == .nameTaken)
            let all = try await bed.service.sources(in: workspace.id, .first, as: bed.admin)
            #expect(all.items.map(\.name) == ["a", "b"])
            #expect(all.items.first?.config == ["repo": nil], "names and no values")
            let (_, key) = try await bed.account(in: workspace)
            let theirs = try await bed.service.createSource(
                NewSource(name: "c", config: ["token": "s3cret"]), in: workspace.id, as: key)
            let seen = try await bed.service.sources(in: workspace.id, .first, as: key)
            #expect(theirs.config == nil && seen.items.allSatisfy { $0.config == nil })
            let kept = try await bed.database.read { snapshot in
                try Source.where { $0.name == "c" }.first(in: snapshot)
            }
            #expect(kept?.config == ["token": nil])
            let sealed = try #require(kept?.sealedConfig)
            let opened = TestBed.secret.open(sealed, .sourceConfig, at: "\(theirs.id)")
            #expect(opened == #"{"token":"s3cret"}"#)
        }
    }
}
