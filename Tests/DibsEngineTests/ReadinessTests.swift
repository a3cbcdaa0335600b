import DibsCore
import DibsData
import DibsEngine
import DibsSchema
import DibsTesting
import Foundation
import Testing

@Suite("Ready means that a change would be kept")
struct ReadinessTests {
    /// When readiness last wrote; nil when it never has.
    private func lastProof(in database: Database) async throws -> Date? {
        let rows = try await database.read {
            try $0.rows(
                "SELECT created_at FROM settings WHERE name = 'write_proof'", as: Date.self)
        }
        return rows.first
    }

    @Test(arguments: Door.direct)
    func `it writes, once in five seconds however often it is asked`(
        through door: Door
    ) async throws {
        try await door.open { bed in
            #expect(try await lastProof(in: bed.database) == nil)
            let start = bed.clock.now
            for (seconds, isNew) in [(0, true), (2, false), (2.5, false), (1, true), (-60, true)] {
                bed.clock.advance(seconds: seconds)
                let before = try await lastProof(in: bed.database)
                for _ in 0..<3 { try await bed.service.ready() }
                let proof = try await lastProof(in: bed.database)
                #expect(proof == (isNew ? bed.clock.now : before), "\(seconds)")
            }
            #expect(bed.clock.now < start)
        }
    }

    @Test(arguments: Backend.all)
    func `a disk on which nothing can be written is not ready`(on backend: Backend) async throws {
        try await backend.withPlace { place in
            let fault = Fault(.full)
            let database = Database { FaultyEngine(try await place.open(), fault) }
            try await database.migrate(Schema.migrations)
            let engine = try await Engine.open(database, secret: TestBed.secret)
            // The last statement of a proof is the one that writes.
            fault.arm(statement: 4)
            let refusal = try await failure(as: DibsError.self) { try await engine.ready() }
            #expect(refusal?.code == .unavailable)
            #expect(refusal?.message == "The database's disk is full.")
            #expect(!fault.isArmed)
            #expect(try await lastProof(in: database) == nil)
            try await engine.ready()
            #expect(try await lastProof(in: database) != nil)
            await database.close()
        }
    }
}
