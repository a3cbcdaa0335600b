internal import DibsCore

extension NewAccount: Checked {
    func check() throws {
        try Check.name(name, "name")
        try email.map { try Check.line($0, Bounds.email, "email") }
        try seat.map { try Check.name($0, "seat") }
        try Check.timeZone(timeZone)
        try Check.atLeastOne(maxConcurrentWorkers, "maxConcurrentWorkers")
        try Check.atLeastOne(maxConcurrentSessions, "maxConcurrentSessions")
        try Check.notNegative(maxCostPerDay, "maxCostPerDay")
    }
}

extension AccountChange: Checked {
    func check() throws {
        try name.map { try Check.name($0, "name") }
        try email.map { try Check.line($0, Bounds.email, "email") }
        try timeZone.map { try Check.timeZone($0) }
        try Check.atLeastOne(maxConcurrentWorkers?.value, "maxConcurrentWorkers")
        try Check.atLeastOne(maxConcurrentSessions?.value, "maxConcurrentSessions")
        try Check.notNegative(maxCostPerDay?.value, "maxCostPerDay")
    }
}
