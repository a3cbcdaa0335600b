// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(
    name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb: [Target.Dependency] = [
    .product(name: "GRDB", package: "GRDB.swift"),
    .product(name: "GRDBSQLite", package: "GRDB.swift"),
]
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(
    name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(
    name: "HummingbirdTesting", package: "hummingbird")
let lifecycle = Target.Dependency.product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(
    name: "UnixSignals", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nio: [Target.Dependency] = [
    .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOHTTP1", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"),
]
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let subprocess: [Target.Dependency] = [
    .product(name: "Subprocess", package: "swift-subprocess"),
    .product(name: "SystemPackage", package: "swift-system"),
]

// The order is the architecture: a target knows only those above it. ArchitectureTests hold it.
let package = Package(
    name: "dibs",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "dibs", targets: ["dibs"]),
        .library(name: "powercut", type: .dynamic, targets: ["CPowerCut"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        .target(name: "DibsJSON", swiftSettings: settings),
        .target(name: "DibsCore", dependencies: ["DibsJSON", crypto], swiftSettings: settings),
        .target(name: "DibsData", dependencies: ["DibsJSON"], swiftSettings: settings),
        .target(
            name: "DibsSQLite", dependencies: ["DibsData", "DibsJSON"] + grdb,
            swiftSettings: settings),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .target(
            name: "DibsPostgres", dependencies: ["DibsData", "DibsJSON", "CLibPQ"],
            swiftSettings: settings),
        .target(
            name: "DibsSchema", dependencies: ["DibsCore", "DibsData", "DibsJSON"],
            swiftSettings: settings),
        .target(
            name: "DibsEngine",
            dependencies: [
                "DibsCore", "DibsData", "DibsJSON", "DibsSchema", logging, lifecycle,
            ],
            swiftSettings: settings),
        .target(
            name: "DibsServer",
            dependencies: [
                "DibsCore", "DibsJSON", hummingbird, hummingbirdCore, httpTypes, logging, lifecycle,
            ] + nio,
            swiftSettings: settings),
        .target(
            name: "DibsClient",
            dependencies: ["DibsCore", "DibsJSON", asyncHTTPClient, httpTypes, tls] + nio,
            swiftSettings: settings),
        .target(
            name: "DibsRunner", dependencies: ["DibsCore", "DibsJSON", logging] + subprocess,
            swiftSettings: settings),
        .target(name: "CProcess"),
        .executableTarget(
            name: "dibs",
            dependencies: [
                "CProcess", "DibsCore", "DibsJSON", "DibsData", "DibsSQLite", "DibsPostgres",
                "DibsSchema", "DibsEngine", "DibsServer", "DibsClient", "DibsRunner",
                argumentParser, logging, lifecycle, signals,
            ] + subprocess,
            swiftSettings: settings),
        .target(
            name: "DibsTesting",
            dependencies: [
                "DibsCore", "DibsJSON", "DibsData", "DibsSQLite", "DibsPostgres", "DibsSchema",
                "DibsEngine", "DibsServer", "DibsClient", logging, lifecycle,
            ],
            swiftSettings: settings),
        .target(
            name: "DibsFuzz", dependencies: ["DibsCore", "DibsJSON", "DibsData", "DibsServer"],
            path: "Tests/DibsFuzz", exclude: ["Corpus"], swiftSettings: settings),
        .target(name: "CPowerCut", linkerSettings: [.linkedLibrary("sqlite3")]),
        .testTarget(
            name: "DibsJSONTests", dependencies: ["DibsJSON"], swiftSettings: settings),
        .testTarget(
            name: "DibsCoreTests", dependencies: ["DibsCore", "DibsJSON"],
            swiftSettings: settings),
        .testTarget(
            name: "DibsDataTests",
            dependencies: ["DibsData", "DibsJSON", "DibsSQLite", "DibsPostgres", "DibsTesting"],
            exclude: ["Refused"], swiftSettings: settings),
        .testTarget(
            name: "DibsSchemaTests",
            dependencies: ["DibsCore", "DibsData", "DibsSchema", "DibsTesting"],
            swiftSettings: settings),
        .testTarget(
            name: "DibsEngineTests",
            dependencies: [
                "DibsCore", "DibsData", "DibsJSON", "DibsSchema", "DibsEngine", "DibsTesting",
                logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "DibsServerTests",
            dependencies: [
                "DibsCore", "DibsData", "DibsJSON", "DibsServer", "DibsClient", "DibsTesting",
                "DibsFuzz", asyncHTTPClient, httpTypes, lifecycle, logging, tls,
            ] + nio,
            swiftSettings: settings),
        .testTarget(
            name: "DibsRunnerTests",
            dependencies: [
                "DibsClient", "DibsCore", "DibsJSON", "DibsRunner", "DibsTesting", logging,
            ] + subprocess,
            swiftSettings: settings),
        .testTarget(
            name: "DibsCommandTests",
            dependencies: [
                "dibs", "DibsClient", "DibsCore", "DibsData", "DibsEngine", "DibsFuzz",
                "DibsSQLite", "DibsTesting", argumentParser, asyncHTTPClient,
            ] + nio + subprocess,
            swiftSettings: settings),
        .testTarget(
            name: "DibsFuzzTests", dependencies: ["DibsFuzz", "DibsRunner"],
            swiftSettings: settings),
        .testTarget(name: "ArchitectureTests", swiftSettings: settings),
    ]
)
