internal import DibsCore

extension NewTask: Checked {
    func check() throws {
        try Check.line(title, Bounds.title, "title")
        try Check.length(description, Bounds.description, "description")
        try Check.json(context, Bounds.context, "context")
        try Check.range(priority, -1000...1000, "priority")
        try Check.range(maxAttempts, 1...100, "maxAttempts")
        try Check.capabilities(requiredCapabilities, "requiredCapabilities")
        try Check.atLeastOne(maxDurationSeconds, "maxDurationSeconds")
        try Check.notNegative(maxCost, "maxCost")
        try Check.tokens(maxTokens)
        try dedupeKey.map { try Check.line($0, Bounds.key, "dedupeKey") }
        try externalID.map { try Check.line($0, Bounds.key, "externalId") }
        try externalURL.map { try Check.url($0, "externalUrl") }
        try Check.count(dependsOn, Bounds.dependencies, "dependsOn")
        if externalID != nil, sourceID == nil {
            throw DibsError(
                .missingField, "An id in another system needs the source it is of.",
                details: ["field": "sourceId"],
                hint: "Send sourceId too, or a dedupeKey instead of externalId.")
        }
    }
}

extension TaskUpdate: Checked {
    func check() throws {
        try title.map { try Check.line($0, Bounds.title, "title") }
        try description.map { try Check.length($0, Bounds.description, "description") }
        try priority.map { try Check.range($0, -1000...1000, "priority") }
        try maxAttempts.map { try Check.range($0, 1...100, "maxAttempts") }
        try Check.notNegative(maxCost?.value, "maxCost")
        try Check.tokens(maxTokens?.value)
        try Check.atLeastOne(maxDurationSeconds?.value, "maxDurationSeconds")
        try Check.count(addDependsOn ?? [], Bounds.dependencies, "addDependsOn")
        try Check.count(dropDependsOn ?? [], Bounds.dependencies, "dropDependsOn")
    }
}

extension ClaimRequest: Checked {
    func check() throws {
        try Check.range(maxTasks, 1...64, "maxTasks")
        try Check.range(waitSeconds, 0...60, "waitSeconds")
        try Check.name(runner, "runner")
        try Check.capabilities(capabilities, "capabilities")
        if let leaseSeconds { try Check.range(leaseSeconds, 60...3600, "leaseSeconds") }
    }
}
