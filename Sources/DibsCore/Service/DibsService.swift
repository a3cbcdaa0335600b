/// Everything Dibs can do, as every door speaks it: the engine has it, HTTP serves it, the client
/// calls it.
///
/// Every method takes the caller's credential and looks it up in the same transaction it acts in,
/// so that a key that was closed is closed at once. Every method throws `DibsError` and nothing
/// else; when it throws, nothing has changed. When it returns, what it did survives a power cut.
package protocol DibsService: Sendable {
    // Accounts
    /// Makes an account and its key, which is shown this once. Admins only.
    func createAccount(_ new: NewAccount, as caller: Credential) async throws -> AccountWithKey
    /// Admins see all accounts, everyone else their own.
    func accounts(_ page: PageRequest, as caller: Credential) async throws -> Page<Account>
    /// One account; nil is the caller's own.
    func account(_ id: Identifier<Account>?, as caller: Credential) async throws -> Account
    /// Changes limits and names. Admins only.
    func updateAccount(
        _ id: Identifier<Account>, _ change: AccountChange, as caller: Credential
    ) async throws -> Account
    /// Lets an account into a workspace, or changes what it may do there. Admins only.
    func grant(
        _ id: Identifier<Account>, in workspace: Identifier<Workspace>, _ rights: Rights,
        as caller: Credential
    ) async throws -> Grant

    /// Ends what an account may do in a workspace; its live workers go on to their end, by their
    /// own tokens. Admins only.
    func revoke(
        _ id: Identifier<Account>, in workspace: Identifier<Workspace>, as caller: Credential
    ) async throws
    /// Removes an account that never claimed; otherwise `in_use`: close it instead. Admins only.
    func deleteAccount(_ id: Identifier<Account>, as caller: Credential) async throws
    /// Gives an account a new key, shown this once; the old one opens nothing from then on.
    func rotateKey(
        of id: Identifier<Account>, as caller: Credential
    ) async throws -> AccountWithKey
    /// Answers the spending of an account in its last `days` days, 1…366; nil is the caller's own.
    func spending(
        of id: Identifier<Account>?, days: Int, as caller: Credential
    ) async throws -> Spending

    // Workspaces and sources
    /// Makes a workspace. Admins only.
    func createWorkspace(_ new: NewWorkspace, as caller: Credential) async throws -> Workspace
    /// The workspaces the caller may see, by name; `name` picks one.
    func workspaces(
        named name: String?, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Workspace>
    /// One workspace.
    func workspace(_ id: Identifier<Workspace>, as caller: Credential) async throws -> Workspace
    /// Changes a workspace, closes it or opens it again. Admins only.
    func updateWorkspace(
        _ id: Identifier<Workspace>, _ change: WorkspaceChange, as caller: Credential
    ) async throws -> Workspace
    /// Removes a workspace in which nothing was ever claimed; otherwise `in_use`. Admins only.
    func deleteWorkspace(_ id: Identifier<Workspace>, as caller: Credential) async throws
    /// Makes a source of tasks; needs can_create.
    func createSource(
        _ new: NewSource, in workspace: Identifier<Workspace>, as caller: Credential
    ) async throws -> Source
    /// The sources of a workspace, by name.
    func sources(
        in workspace: Identifier<Workspace>, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Source>

    // Tasks
    /// Makes a task; needs can_create in its workspace.
    func createTask(_ new: NewTask, as caller: Credential) async throws -> AgentTask
    /// The tasks the caller may see, newest first; without `details` the large fields are left out.
    func tasks(
        _ filter: TaskFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<TaskView>
    /// One task, with what is asked for.
    func task(
        _ id: Identifier<AgentTask>, with parts: Set<TaskPart>, as caller: Credential
    ) async throws -> TaskView
    /// Answers the gates between this claimer and the task, or with nil, whether any of the
    /// runners that asked in the last 24 hours would.
    func why(
        _ id: Identifier<AgentTask>, _ claimer: Claimer?, as caller: Credential
    ) async throws -> Why
    /// Changes a task, what it waits for and its limits; needs can_review.
    func updateTask(
        _ id: Identifier<AgentTask>, _ change: TaskUpdate, as caller: Credential
    ) async throws -> AgentTask
    /// Removes a task that was never claimed; otherwise `in_use`: cancel or archive it instead.
    /// Tasks that it spawned stay, without a parent. Needs can_review.
    func deleteTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws
    /// Wants the task no more; its worker, if any, is told to stop. Needs can_review.
    func cancelTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws -> AgentTask
    /// Tries a failed or cancelled task again. Needs can_review.
    func retryTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws -> AgentTask
    /// Takes the task from its worker and puts it back; counts no attempt. For the account that
    /// claimed, and who has can_review.
    func releaseTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws -> AgentTask
    /// Accepts a result that waits for review. Needs can_review; not for the worker's own token.
    func approveTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws -> AgentTask
    /// Sends a result that waits for review back to the queue. Needs can_review; not for the
    /// worker's own token.
    func rejectTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws -> AgentTask

    // Workers
    /// Takes up to `maxTasks` tasks, best first; when there are none, says why.
    func claim(_ request: ClaimRequest, as caller: Credential) async throws -> ClaimAnswer
    /// The workers the caller may see, newest first.
    func workers(
        _ filter: WorkerFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Worker>
    /// One worker.
    func worker(_ id: Identifier<Worker>, as caller: Credential) async throws -> Worker
    /// Takes what a worker says of itself, and renews its lease.
    ///
    /// A worker that waits without a slot takes slot, seat, place and money again before anything
    /// but a heartbeat or its own question again; the limit that leaves none is thrown. A
    /// completion whose task was cancelled is answered with `stop: cancelled`, and the worker ends
    /// as cancelled. Throws `sequence_reused`, and `amount_out_of_range` for a sum that no column
    /// holds; a report that is refused for what it says renews the lease all the same.
    ///
    /// For 24 hours after its end a worker may report what stays true of it (branch, commits,
    /// lines, costs, warnings), which is answered with `stop: ended`; of anything else only that is
    /// kept, and `lease_lost` thrown. A completion that comes late is taken while nobody has
    /// touched the task.
    func report(
        _ id: Identifier<Worker>, _ report: Report, as caller: Credential
    ) async throws -> ReportAnswer
    /// Renews a worker's lease and nothing else; a beat that waits is answered when there is
    /// something to say that was not heard yet, when the lease is lost (`lease_lost`), or after its
    /// time.
    func heartbeat(
        _ id: Identifier<Worker>, _ beat: Beat, as caller: Credential
    ) async throws -> ReportAnswer
    /// Keeps something a worker leaves behind, also up to 24 hours after its end; throws `too_many`
    /// past what one task, or one account in a day, may leave.
    func addArtifact(
        _ new: NewArtifact, of worker: Identifier<Worker>, as caller: Credential
    ) async throws -> Artifact
    /// One artifact with the thing itself.
    func artifact(
        _ id: Identifier<Artifact>, as caller: Credential
    ) async throws -> ArtifactWithContent

    /// Adds a cost to a worker's ledger, also up to 24 hours after its end; a correction is for
    /// admins, at any time.
    ///
    /// A cost out of all proportion to what the worker may spend is put aside: the answer has
    /// `parkedAt`, and `decideCost` counts it or drops it. Throws `too_many` when 20 of its worker
    /// wait already, and `amount_out_of_range`.
    func addCost(
        _ cost: NewCost, of worker: Identifier<Worker>, as caller: Credential
    ) async throws -> CostEntry
    /// The ledger of a worker with its corrections, oldest first.
    func costs(
        of worker: Identifier<Worker>, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<CostEntry>
    /// The costs that wait for a person in the workspaces the caller may see, newest first.
    func parkedCosts(
        _ page: PageRequest, as caller: Credential
    ) async throws -> Page<ParkedCost>
    /// Accepts or drops a cost that waits for a person; throws `illegal_transition` for one that
    /// does not any more, and `amount_out_of_range`. Admins only.
    func decideCost(
        _ id: Identifier<ParkedCost>, _ decision: CostDecision, as caller: Credential
    ) async throws -> ParkedCost

    // Questions
    /// The questions of the tasks the caller may see, newest first.
    func questions(
        _ filter: QuestionFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Question>
    /// Answers a question of a worker. Needs can_review; not for a worker's own token.
    func answer(
        _ worker: Identifier<Worker>, _ answer: NewAnswer, as caller: Credential
    ) async throws -> Question

    // The service itself
    /// Proves a credential and does nothing else; throws `key_unknown` or `account_closed`.
    ///
    /// A worker's token is known after its worker's end, too, because a late write is answered with
    /// the task's present holder. Whoever calls this refuses such a caller everything else.
    func prove(_ caller: Credential) async throws -> CallerIdentity
    /// Whether it can serve now; throws `unavailable` when it cannot.
    func ready() async throws
    /// Measures the queue, over what the caller may see.
    func measures(as caller: Credential) async throws -> Measures
}
