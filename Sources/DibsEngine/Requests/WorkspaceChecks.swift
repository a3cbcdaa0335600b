internal import DibsCore

extension NewWorkspace: Checked {
    func check() throws {
        try Check.name(name, "name")
        try repo.map { try Check.repository($0, "repo") }
        try localPath.map { try Check.line($0, Bounds.path, "localPath") }
        try Check.json(memory, Bounds.memory, "memory")
        try gitConfig?.baseBranch.map { try Check.line($0, Bounds.branch, "gitConfig.baseBranch") }
        try gitConfig?.branchPrefix.map {
            try Check.line($0, Bounds.branch, "gitConfig.branchPrefix")
        }
        try Check.atLeastOne(maxWorkers, "maxWorkers")
    }
}

extension WorkspaceChange: Checked {
    func check() throws {
        try name.map { try Check.name($0, "name") }
        try repo.map { try Check.repository($0, "repo") }
        try localPath.map { try Check.line($0, Bounds.path, "localPath") }
        try Check.atLeastOne(maxWorkers?.value, "maxWorkers")
    }
}

extension NewSource: Checked {
    func check() throws {
        try Check.name(name, "name")
        try Check.json(config, Bounds.config, "config")
    }
}
