internal import NIOPosix

/// Two threads on which requests with large bodies are read and served.
///
/// Parsing megabytes takes its time, and Swift's own threads are as few as the machine's cores:
/// a handful of such requests there would keep every other one waiting, `/healthz` included.
final class SmallPool: TaskExecutor {
    /// The one pool of the process, never shut down.
    static let shared = SmallPool(threads: 2)

    private let pool: NIOThreadPool

    private init(threads: Int) {
        pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool.submit { [self] _ in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
