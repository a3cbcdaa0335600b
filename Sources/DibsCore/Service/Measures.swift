/// The state of the queue, in whole numbers, over what the caller may see.
package struct Measures: Sendable, Hashable, Codable {
    /// A point of priority is a head start of so many seconds: a task is overtaken only by tasks
    /// made less than that, times the difference in priority, after it.
    package static let headStartSeconds = 3600

    /// `headStartSeconds`.
    package var priorityHeadStartSeconds: Int
    /// Age of the task that has waited longest; 0 is that none is.
    package var oldestPendingSeconds: Int
    /// For how much longer that task may still be overtaken, were all new ones of the highest
    /// priority; 0 is not at all.
    package var overtakingEndsInSeconds: Int
    /// Lanes; what a claim costs grows with those in its reach.
    package var lanes: Int
    /// Workers that hold a lease.
    package var liveWorkers: Int
    /// Questions nobody has answered.
    package var openQuestions: Int

    /// Takes the measured numbers.
    package init(
        oldestPendingSeconds: Int, overtakingEndsInSeconds: Int, lanes: Int, liveWorkers: Int,
        openQuestions: Int
    ) {
        priorityHeadStartSeconds = Self.headStartSeconds
        self.oldestPendingSeconds = oldestPendingSeconds
        self.overtakingEndsInSeconds = overtakingEndsInSeconds
        self.lanes = lanes
        self.liveWorkers = liveWorkers
        self.openQuestions = openQuestions
    }

    /// The wire's names.
    package enum CodingKeys: String, CodingKey, CaseIterable {
        case priorityHeadStartSeconds, oldestPendingSeconds, overtakingEndsInSeconds, lanes
        case liveWorkers, openQuestions
    }

    /// The text format of Prometheus, version 0.0.4.
    package var prometheusText: String {
        let gauges = [
            (
                "priority_head_start_seconds", priorityHeadStartSeconds,
                "What a point of priority is worth; the bound of all overtaking."
            ),
            (
                "oldest_pending_seconds", oldestPendingSeconds,
                "How long the oldest pending task has waited."
            ),
            (
                "overtaking_ends_in_seconds", overtakingEndsInSeconds,
                "For how much longer the oldest pending task may be overtaken at all."
            ),
            ("lanes", lanes, "Lanes; the cost of a claim grows with those in its reach."),
            ("live_workers", liveWorkers, "Workers that hold a lease."),
            ("open_questions", openQuestions, "Questions nobody has answered."),
        ]
        return gauges.map { name, value, help in
            "# HELP dibs_\(name) \(help)\n# TYPE dibs_\(name) gauge\ndibs_\(name) \(value)\n"
        }.joined()
    }
}
