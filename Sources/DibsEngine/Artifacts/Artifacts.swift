package import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema

/// The artifacts of workers, kept within what one task and one account may leave.
enum Artifacts {
    /// Lets a worker leave one: a live one with its slot, an ended one for a day.
    ///
    /// Either way what others of its task leave at the same time waits.
    static func admit(_ worker: Worker, in tx: Transaction) throws {
        guard worker.completedAt == nil else {
            try LateWord.check(worker, in: tx)
            _ = try TaskRow.locked(worker.taskID, in: tx)
            _ = try tx.rows(
                "SELECT worker_id FROM leases WHERE task_id = \(worker.taskID) \(Lock.row)",
                as: Worker.ID.self)
            return
        }
        do { _ = try WaitingSlot.working(worker, in: tx) } catch let error as DibsError
            where error.code == .leaseLost
        { throw EndedMeanwhile() }
    }

    /// Keeps one; throws `too_many` when there are too many of the task, or too much of it or of
    /// the account today.
    ///
    /// The worker was admitted: the task or its lease is locked, so that no other worker adds to
    /// the task at the same time.
    static func add(
        _ new: NewArtifact, of worker: Worker, in tx: Transaction
    ) throws -> Artifact {
        let size = new.content?.utf8.count ?? 0
        let weight = size + new.metadata.canonicalLength
        try checkTask(worker.taskID, adding: weight, in: tx)
        try countDay(worker.accountID, adding: weight, in: tx)
        let artifact = try tx.insert(Artifact.self) {
            $0.workerID = worker.id
            $0.taskID = worker.taskID
            $0.type = new.type
            $0.title = new.title
            $0.size = size
            $0.storageKey = new.storageKey
            $0.metadata = new.metadata
        }
        if let content = new.content {
            try tx.insert(ArtifactContent.self) {
                $0.artifactID = artifact.id
                $0.content = content
            }
        }
        try tx.record(
            .artifactAdded, workspace: worker.workspaceID, task: worker.taskID,
            worker: worker.id, account: worker.accountID)
        return artifact
    }

    private static func checkTask(
        _ task: AgentTask.ID, adding weight: Int, in tx: Transaction
    ) throws {
        let there = try tx.rows(
            "SELECT size FROM artifacts WHERE task_id = \(task)", as: Int.self)
        guard there.count < Bounds.artifactsOfTask else {
            throw tooMany("The task has as many artifacts as it may.", Bounds.artifactsOfTask)
        }
        guard there.reduce(weight, +) <= Bounds.artifactBytesOfTask else {
            throw tooMany(
                "The artifacts of the task would hold too much.", Bounds.artifactBytesOfTask)
        }
    }

    /// One guarded statement, so that workers of one account add side by side.
    private static func countDay(
        _ account: Account.ID, adding weight: Int, in tx: Transaction
    ) throws {
        let day = String(try tx.now().rfc3339.prefix(10))
        let counted = try tx.execute(
            """
            INSERT INTO artifact_days (account_id, day, bytes)
            VALUES (\(account), \(day), \(weight))
            ON CONFLICT (account_id) DO UPDATE SET
                bytes = CASE WHEN artifact_days.day = excluded.day
                    THEN artifact_days.bytes + excluded.bytes ELSE excluded.bytes END,
                day = excluded.day
            WHERE artifact_days.day <> excluded.day
            OR artifact_days.bytes + excluded.bytes <= \(Bounds.artifactBytesOfDay)
            """)
        guard counted == 1 else {
            throw tooMany(
                "The account has left as much in artifacts as it may today.",
                Bounds.artifactBytesOfDay)
        }
    }

    private static func tooMany(_ message: String, _ limit: Int) -> DibsError {
        DibsError(
            .tooMany, message, details: ["limit": "\(limit)"],
            hint: "Keep large things elsewhere and send a storageKey; a day ends at midnight UTC.")
    }
}

extension Engine {
    package func artifact(
        _ id: Identifier<Artifact>, as caller: Credential
    ) async throws -> ArtifactWithContent {
        try await read(as: caller) { snapshot, caller in
            let artifact = try caller.artifact(id, in: snapshot)
            let content = try ArtifactContent.where { $0.artifactID == id }.first(in: snapshot)
            return ArtifactWithContent(artifact: artifact, content: content?.content)
        }
    }
}
