package import DibsCore
internal import DibsData
internal import DibsSchema

extension Engine {
    package func report(
        _ id: Identifier<Worker>, _ report: Report, as caller: Credential
    ) async throws -> ReportAnswer {
        let keepsSlot = settings.waitingKeepsSlot
        return try await retryingWhenLent {
            try await write(as: caller) { tx, caller in
                try ReportCommand(
                    id: id, report: report, caller: caller, keepsSlot: keepsSlot, tx: tx
                ).run()
            }
        }
    }

    package func heartbeat(
        _ id: Identifier<Worker>, as caller: Credential
    ) async throws -> ReportAnswer {
        let recall = Recall<ReportAnswer> {
            ["\($0.worker.id)"]
        } answer: { _, tx, caller in
            let worker = try caller.worker(id, in: tx)
            return try ReportAnswer.now(
                worker, Lease.where { $0.workerID == worker.id }.first(in: tx), in: tx)
        }
        let operation = "POST workers/\(id)/heartbeat"
        return try await writeOnce(operation, [String](), as: caller, recall: recall) {
            tx, caller in
            let worker = try WorkerAccess.writable(id, by: caller, in: tx)
            let lease = try LeaseRenewal.renew(worker, in: tx)
            return try ReportAnswer.now(worker, lease, in: tx)
        }
    }

    package func addArtifact(
        _ new: NewArtifact, of worker: Identifier<Worker>, as caller: Credential
    ) async throws -> Artifact {
        try await retryingWhenLent {
            try await writeOnce("POST workers/\(worker)/artifacts", new, as: caller, recall: .row) {
                tx, caller in
                try new.check()
                let worker = try WorkerAccess.writable(worker, by: caller, in: tx)
                _ = try WaitingSlot.working(worker, in: tx)
                let artifact = try tx.insert(Artifact.self) {
                    $0.workerID = worker.id
                    $0.taskID = worker.taskID
                    $0.type = new.type
                    $0.title = new.title
                    $0.content = new.content
                    $0.storageKey = new.storageKey
                    $0.metadata = new.metadata
                }
                try tx.record(
                    .artifactAdded, workspace: worker.workspaceID, task: worker.taskID,
                    worker: worker.id, account: worker.accountID)
                return artifact
            }
        }
    }

    package func workers(
        _ filter: WorkerFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> DibsCore.Page<Worker> {
        try await read(as: caller) { snapshot, caller in
            let visible = caller.visibleWorkspaces
            let query = Worker.where {
                $0.workspaceID.in(visible)
                if let workspace = filter.workspaceID { $0.workspaceID == workspace }
                if let task = filter.taskID { $0.taskID == task }
                if filter.live == true { $0.completedAt == nil }
                if filter.live == false { $0.completedAt != nil }
            }
            return try query.order { $0.createdAt.descending }.page(page, in: snapshot)
        }
    }

    package func worker(
        _ id: Identifier<Worker>, as caller: Credential
    ) async throws -> Worker {
        try await read(as: caller) { snapshot, caller in try caller.worker(id, in: snapshot) }
    }

    package func ready() async throws {
        try await translatingErrors {
            _ = try await database.read { try $0.rows("SELECT 1", as: Int.self) }
        }
    }
}
