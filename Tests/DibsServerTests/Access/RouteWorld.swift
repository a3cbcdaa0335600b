import DibsCore
import DibsTesting
import Foundation
import Testing

/// Who calls, in the order of the columns of `RouteCallerTable`.
enum RouteCaller: String, CaseIterable, Sendable {
    /// No Authorization header.
    case none
    /// A key of the right form that nobody was given.
    case wrong
    /// The key of an account that is closed.
    case closed
    /// The key that an account had before it was given another one.
    case rotated
    /// The token of the live worker that the call is about, or of any.
    case live
    /// The token of another live worker of the same account.
    case sibling
    /// The token of a worker that has ended.
    case ended
    /// An account without a link.
    case stranger
    /// An account of the workspace that may do all but claim; and so on.
    case noClaim, noCreate, noReview
    /// The account that claimed the worker.
    case owner
    /// Another account of the workspace that may do all there.
    case peer
    /// An admin.
    case admin
}

/// Whose the thing is that the call names.
enum RouteTarget: String, CaseIterable, Sendable {
    /// The owner's, in the workspace of all callers with a link.
    case own
    /// Somebody's in a workspace that none of them may see.
    case foreign
    /// Nobody's: a random id.
    case absent
}

/// A call that is ready to be made.
struct RouteCall: Sendable {
    var path: String
    var body = ""
    /// The token of the worker it is about.
    var token: Credential?
}

/// Two workspaces with everybody who may call, and the things that calls are about.
struct RouteWorld: Sendable {
    let bed: TestBed
    let site: Workspace
    let other: Workspace
    let ownerAccount: Account
    private let outsiderAccount: Account
    private var keys: [RouteCaller: Credential]
    private let outsider: Credential

    private static let all = Rights(canClaim: true, canCreate: true, canReview: true)

    init(_ bed: TestBed) async throws {
        self.bed = bed
        let (site, other) = (try await bed.workspace("site"), try await bed.workspace("other"))
        (self.site, self.other) = (site, other)

        func account(
            _ name: String, in workspace: Workspace?, _ rights: Rights
        ) async throws -> (Account, Credential) {
            let new = NewAccount(name: name, maxConcurrentWorkers: 100_000)
            let made = try await bed.service.createAccount(new, as: bed.admin)
            if let workspace {
                _ = try await bed.service.grant(
                    made.account.id, in: workspace.id, rights, as: bed.admin)
            }
            return (made.account, Credential(made.apiKey))
        }
        var keys: [RouteCaller: Credential] = [.wrong: .newKey(), .admin: bed.admin]
        let closed = try await account("closed", in: site, Self.all)
        _ = try await bed.service.updateAccount(
            closed.0.id, AccountChange(closed: true), as: bed.admin)
        let rotated = try await account("rotated", in: site, Self.all)
        _ = try await bed.service.rotateKey(of: rotated.0.id, as: bed.admin)
        let owner = try await account("owner", in: site, Self.all)
        let outsider = try await account("outsider", in: other, Self.all)
        (keys[.closed], keys[.rotated], keys[.owner]) = (closed.1, rotated.1, owner.1)
        (ownerAccount, outsiderAccount, self.outsider) = (owner.0, outsider.0, outsider.1)
        let linked: [(RouteCaller, Rights)] = [
            (.noClaim, Rights(canClaim: false, canCreate: true, canReview: true)),
            (.noCreate, Rights(canClaim: true, canCreate: false, canReview: true)),
            (.noReview, Rights(canClaim: true, canCreate: true, canReview: false)),
            (.peer, Self.all),
        ]
        for (caller, rights) in linked {
            keys[caller] = try await account(caller.rawValue, in: site, rights).1
        }
        keys[.stranger] = try await account("stranger", in: nil, Self.all).1
        self.keys = keys
        let (live, ended) = (try await worker(.own), try await worker(.own))
        _ = try await bed.service.report(ended.id, Report(status: .running), as: owner.1)
        _ = try await bed.service.report(ended.id, Report(status: .completed), as: owner.1)
        self.keys[.live] = Credential(live.token)
        self.keys[.sibling] = Credential(live.token)
        self.keys[.ended] = Credential(ended.token)
    }
}

extension RouteWorld {
    /// The text of the Authorization header of a caller; nil for none.
    func secret(of caller: RouteCaller, for call: RouteCall) -> String? {
        caller == .live ? (call.token ?? keys[.live])?.secret : keys[caller]?.secret
    }

    /// A workspace of the target's kind; its id alone when there is none.
    func workspace(_ target: RouteTarget) -> Workspace.ID {
        switch target {
        case .own: site.id
        case .foreign: other.id
        case .absent: Identifier(UUID())
        }
    }

    /// An account of the target's kind.
    func account(_ target: RouteTarget) -> Account.ID {
        switch target {
        case .own: ownerAccount.id
        case .foreign: outsiderAccount.id
        case .absent: Identifier(UUID())
        }
    }

    /// An account that never claimed, for a target that is there.
    func freshAccount(_ target: RouteTarget) async throws -> Account.ID {
        guard target != .absent else { return Identifier(UUID()) }
        return try await bed.service.createAccount(NewAccount(name: "fresh"), as: bed.admin)
            .account.id
    }

    /// A workspace in which nothing was claimed, where the callers have the rights of `site`.
    func freshWorkspace(_ target: RouteTarget) async throws -> Workspace.ID {
        guard target != .absent else { return Identifier(UUID()) }
        let name = UUID().uuidString
        return try await bed.service.createWorkspace(NewWorkspace(name: name), as: bed.admin).id
    }

    /// A pending task; a random id for one that is absent.
    func task(
        _ target: RouteTarget, _ change: (inout NewTask) -> Void = { _ in }
    ) async throws -> AgentTask.ID {
        guard target != .absent else { return Identifier(UUID()) }
        return try await bed.task(in: target == .own ? site : other, change).id
    }

    /// A worker that runs, with its token; nobody's when it is absent.
    func worker(_ target: RouteTarget) async throws -> (id: Worker.ID, token: String) {
        guard target != .absent else { return (Identifier(UUID()), keys[.live]?.secret ?? "") }
        let task = try await task(target) { $0.needsReview = true }
        let key = try #require(target == .own ? keys[.owner] : outsider)
        let claimed = try #require(try await bed.claim(as: key) { $0.taskID = task }.first)
        _ = try await bed.service.report(claimed.id, Report(status: .running), as: key)
        return (claimed.id, claimed.token)
    }

    /// The task of a worker that runs, and that worker.
    func workedTask(
        _ target: RouteTarget
    ) async throws -> (task: AgentTask.ID, worker: (id: Worker.ID, token: String)) {
        let worker = try await worker(target)
        guard target != .absent else { return (Identifier(UUID()), worker) }
        return (try await bed.service.worker(worker.id, as: bed.admin).taskID, worker)
    }

    /// A task whose result waits for review.
    func reviewedTask(_ target: RouteTarget) async throws -> AgentTask.ID {
        let (task, worker) = try await workedTask(target)
        guard target != .absent else { return task }
        _ = try await bed.service.report(worker.id, Report(status: .completed), as: bed.admin)
        return task
    }

    /// A worker that waits for an answer.
    func askingWorker(_ target: RouteTarget) async throws -> (id: Worker.ID, token: String) {
        let worker = try await worker(target)
        guard target != .absent else { return worker }
        let asked = Report(status: .waitingInput, waitingFor: WaitingFor(prompt: "Shall I?"))
        _ = try await bed.service.report(worker.id, asked, as: bed.admin)
        return worker
    }

    /// Something that a worker left.
    func artifact(_ target: RouteTarget) async throws -> Artifact.ID {
        guard target != .absent else { return Identifier(UUID()) }
        let new = NewArtifact(type: .log, title: "Log", content: "Done.")
        return try await bed.service.addArtifact(new, of: worker(target).id, as: bed.admin).id
    }

    /// A cost out of all proportion, which waits for a person.
    func parkedCost(_ target: RouteTarget) async throws -> UUID {
        guard target != .absent else { return UUID() }
        let worker = try await worker(target).id
        let told = try await bed.service.addCost(
            NewCost(amount: "5000"), of: worker, as: bed.admin)
        try #require(told.parkedAt != nil)
        return told.id.uuid
    }
}
