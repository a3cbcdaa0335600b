internal import DibsCore

extension NewWorkspace: Checked {
    func check() throws {
        try Check.name(name, "name")
        try repo.map { try Check.repository($0, "repo") }
        try localPath.map { try Check.absolutePath($0, "localPath") }
        try Check.json(memory, Bounds.memory, "memory")
        try gitConfig.map { try Check.git($0, "gitConfig") }
        try Check.atLeastOne(maxWorkers, "maxWorkers")
    }
}

extension WorkspaceChange: Checked {
    func check() throws {
        try name.map { try Check.name($0, "name") }
        try repo.map { try Check.repository($0, "repo") }
        try localPath.map { try Check.absolutePath($0, "localPath") }
        try gitConfig.map { try Check.git($0.settings, "gitConfig") }
        try Check.atLeastOne(maxWorkers?.value, "maxWorkers")
    }
}

extension NewSource: Checked {
    func check() throws {
        try Check.name(name, "name")
        try Check.json(config, Bounds.config, "config")
    }
}
