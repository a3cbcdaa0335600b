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

    // Workspaces and sources
    /// Makes a workspace. Admins only.
    func createWorkspace(_ new: NewWorkspace, as caller: Credential) async throws -> Workspace
    /// The workspaces the caller may see, by name; `name` picks one.
    func workspaces(
        named name: String?, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<Workspace>
    /// One workspace.
    func workspace(_ id: Identifier<Workspace>, as caller: Credential) async throws -> Workspace
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
    /// The tasks the caller may see, newest first.
    func tasks(
        _ filter: TaskFilter, _ page: PageRequest, as caller: Credential
    ) async throws -> Page<TaskView>
    /// One task, with what is asked for.
    func task(
        _ id: Identifier<AgentTask>, with parts: Set<TaskPart>, as caller: Credential
    ) async throws -> TaskView
    /// Why the caller, offering these capabilities, would get the task now, or not.
    func why(
        _ id: Identifier<AgentTask>, offering capabilities: Capabilities, as caller: Credential
    ) async throws -> Why
    /// Wants the task no more; its worker, if any, is told to stop.
    func cancelTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws -> AgentTask
    /// Tries a failed or cancelled task again.
    func retryTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws -> AgentTask
    /// Takes the task from its worker and puts it back; counts no attempt.
    func releaseTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws -> AgentTask
    /// Accepts a result that waits for review. Not for the worker's own token.
    func approveTask(_ id: Identifier<AgentTask>, as caller: Credential) async throws -> AgentTask
    /// Sends a result that waits for review back to the queue. Not for the worker's own token.
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
    func report(
        _ id: Identifier<Worker>, _ report: Report, as caller: Credential
    ) async throws -> ReportAnswer
    /// Renews a worker's lease and nothing else.
    func heartbeat(_ id: Identifier<Worker>, as caller: Credential) async throws -> ReportAnswer
    /// Keeps something a worker leaves behind.
    func addArtifact(
        _ new: NewArtifact, of worker: Identifier<Worker>, as caller: Credential
    ) async throws -> Artifact

    // The service itself
    /// Whether it can serve now; throws `unavailable` when it cannot.
    func ready() async throws
}
