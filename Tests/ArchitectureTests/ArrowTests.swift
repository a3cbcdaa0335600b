import Foundation
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
            "DibsCore", "DibsJSON", "Foundation", "HTTPTypes", "Hummingbird", "HummingbirdCore",
            "Logging", "NIOCore", "NIOHTTP1", "NIOPosix", "ServiceLifecycle", "Synchronization",
        ],
        "DibsClient": [
            "AsyncHTTPClient", "DibsCore", "DibsJSON", "Foundation", "HTTPTypes", "NIOCore",
            "NIOHTTP1", "NIOPosix", "NIOSSL", "Synchronization",
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
            "DibsSQLite", "DibsSchema", "DibsServer", "Dispatch", "Foundation", "Logging",
            "ServiceLifecycle", "Synchronization",
        ],
    ]

    @Test func `every module imports only what is drawn`() {
        for file in SourceTree.files(in: "Sources") {
            let allowed = Self.allowed[file.target] ?? []
            for module in file.imports {
                #expect(allowed.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    @Test func `only one module imports each engine`() {
        let homes = ["GRDB": "DibsSQLite", "GRDBSQLite": "DibsSQLite", "CLibPQ": "DibsPostgres"]
        for (module, home) in homes {
            let files = Self.everything.filter { $0.imports.contains(module) }
            #expect(Set(files.map(\.target)) == [home], "\(module): \(files.map(\.path))")
        }
    }

    /// What is not declared may be there all the same, by way of something else, until it is not.
    @Test func `every module that is imported is declared in Package.swift`() throws {
        let declared = try PackageManifest().dependencies
        for file in Self.everything {
            let known = try #require(declared[file.target], "\(file.path) is of no target")
            for module in file.imports where !Self.ofTheSystem.contains(module) {
                #expect(known.contains(module), "\(file.path) imports \(module)")
            }
        }
    }

    private static let ofTheSystem: Set = [
        "Dispatch", "Foundation", "Glibc", "Synchronization", "Testing",
    ]

    private static let everything =
        SourceTree.files(in: "Sources") + SourceTree.files(in: "Tests")
}

extension SourceTree.File {
    /// The modules it imports.
    fileprivate var imports: [String] {
        let pattern = /^(?:@\w+ )*(?:(?:package|internal|private|fileprivate|public) )?import (\w+)/
        return lines.compactMap { $0.firstMatch(of: pattern) }.map { String($0.output.1) }
    }
}

/// What Package.swift says, as far as its text shows it.
private struct PackageManifest {
    /// The modules each target declares to depend on.
    let dependencies: [String: Set<String>]

    init() throws {
        let file = SourceTree.root.appending(path: "Package.swift")
        let text = try String(contentsOf: file, encoding: .utf8)
        let (head, body) = try #require(
            text.firstRange(of: "let package =").map {
                (text[..<$0.lowerBound], text[$0.upperBound...])
            })
        var products: [String: [String]] = [:]
        for part in head.split(separator: "\nlet ").dropFirst() {
            products[String(part.prefix { $0 != " " && $0 != ":" })] = Self.names(in: part)
        }
        var dependencies: [String: Set<String>] = [:]
        for part in body.split(separator: /\.(?:t|executableT|testT)arget\(/).dropFirst() {
            guard let name = Self.names(in: part).first else { continue }
            let list = part.firstMatch(of: /dependencies:([\s\S]*?)(?:swiftSettings|exclude):/)
            let words = list?.output.1.matches(of: /"?\w+"?/).map { String($0.output) } ?? []
            dependencies[name] = Set(
                words.flatMap { word in
                    word.hasPrefix("\"")
                        ? [word.trimmingCharacters(in: ["\""])] : products[word] ?? []
                })
        }
        self.dependencies = dependencies
    }

    private static func names(in text: Substring) -> [String] {
        text.matches(of: /name: "(\w+)"/).map { String($0.output.1) }
    }
}
