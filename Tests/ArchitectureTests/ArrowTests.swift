import Testing

@Suite("Imports point down the list and never up")
struct ArrowTests {
    /// What each target may import of ours, and of packages.
    ///
    /// This is the drawing in ARCHITECTURE.md.
    static let allowed: [String: Set<String>] = [
        "DibsJSON": ["Foundation"],
        "DibsCore": ["DibsJSON", "Crypto", "Foundation"],
        "DibsData": ["DibsJSON", "Dispatch", "Foundation", "Synchronization"],
        "DibsSQLite": [
            "DibsData", "DibsJSON", "Dispatch", "Foundation", "GRDB", "GRDBSQLite",
            "Synchronization",
        ],
        "DibsPostgres": [
            "CLibPQ", "DibsData", "DibsJSON", "Dispatch", "Foundation", "Synchronization",
        ],
        "DibsSchema": ["DibsCore", "DibsData", "DibsJSON", "Foundation"],
        "DibsEngine": [
            "DibsCore", "DibsData", "DibsJSON", "DibsSchema", "Foundation", "Logging",
            "ServiceLifecycle", "Synchronization",
        ],
        "DibsServer": [
            "DibsCore", "DibsJSON", "Foundation", "HTTPTypes", "Hummingbird", "Logging",
            "NIOCore", "ServiceLifecycle", "Synchronization",
        ],
        "DibsClient": [
            "AsyncHTTPClient", "DibsCore", "DibsJSON", "Foundation", "HTTPTypes", "NIOCore",
            "NIOHTTP1", "Synchronization",
        ],
        "DibsRunner": [
            "DibsCore", "DibsJSON", "Dispatch", "Foundation", "Logging", "Subprocess",
            "Synchronization", "SystemPackage",
        ],
        "dibs": [
            "ArgumentParser", "CProcess", "DibsClient", "DibsCore", "DibsData", "DibsEngine",
            "DibsJSON", "DibsPostgres", "DibsRunner", "DibsSQLite", "DibsSchema", "DibsServer",
            "Dispatch", "Foundation", "Logging", "ServiceLifecycle", "Subprocess",
            "Synchronization", "SystemPackage", "UnixSignals",
        ],
        "DibsTesting": [
            "DibsClient", "DibsCore", "DibsData", "DibsEngine", "DibsJSON", "DibsPostgres",
            "DibsSQLite", "DibsSchema", "DibsServer", "Foundation", "Logging",
            "ServiceLifecycle", "Synchronization",
        ],
    ]

    @Test func `every module imports only what is drawn`() {
        for file in SourceTree.files(in: "Sources") {
            let allowed = Self.allowed[file.target] ?? []
            for line in file.lines {
                let words = line.split(separator: " ").map(String.init)
                guard let place = words.firstIndex(of: "import"), place <= 1,
                    words.count > place + 1,
                    !line.hasPrefix(" "), !line.hasPrefix("//")
                else { continue }
                let module = words[place + 1]
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test func `only one module imports each engine`() {
        for (module, home) in [("GRDB", "DibsSQLite"), ("CLibPQ", "DibsPostgres")] {
            let homes = Self.allowed.filter { $0.value.contains(module) }.map(\.key)
            #expect(homes == [home])
        }
    }
}
