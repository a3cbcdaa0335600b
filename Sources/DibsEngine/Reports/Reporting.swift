package import DibsCore
internal import DibsData
internal import DibsSchema

extension Engine {
    package func report(
        _ id: Identifier<Worker>, _ report: Report, as caller: Credential
    ) async throws -> ReportAnswer {
        let keepsSlot = settings.waitingKeepsSlot
        do {
            try report.check()
            return try await retryingWhenLent {
                try await write(as: caller, lastWordOf: id) { tx, caller in
                    try ReportCommand(
                        id: id, report: report, caller: caller, keepsSlot: keepsSlot, tx: tx
                    ).run()
                }
            }
            .get()
        } catch let error as DibsError {
            throw await refusal(error, ofReportBy: id, as: caller)
        }
    }

    package func addArtifact(
        _ new: NewArtifact, of worker: Identifier<Worker>, as caller: Credential
    ) async throws -> Artifact {
        let recall = Recall<Artifact>.row { try $0.artifact($1, in: $2) }
        let operation = "POST workers/\(worker)/artifacts"
        return try await retryingWhenLent {
            try await writeOnce(
                operation, new, as: caller, recall: recall, lastWordOf: worker
            ) {
                try WorkerAccess.writable(worker, by: $1, in: $0)
            } act: { tx, _, worker in
                try Artifacts.admit(worker, in: tx)
                return try Artifacts.add(new, of: worker, in: tx)
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
            return try query.leavingOut(\.milestones).leavingOut(\.warnings)
                .order { $0.createdAt.descending }
                .page(page, in: snapshot)
        }
    }

    package func worker(
        _ id: Identifier<Worker>, as caller: Credential
    ) async throws -> Worker {
        try await read(as: caller) { snapshot, caller in try caller.worker(id, in: snapshot) }
    }
}
