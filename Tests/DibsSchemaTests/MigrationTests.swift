import DibsData
import DibsSchema
import DibsTesting
import Testing

@Suite("The migrations and the declared tables say the same")
struct MigrationTests {
    @Test(arguments: Backend.all)
    func `the migrations make what is declared, to the last CHECK`(on backend: Backend) async throws
    {
        try await backend.withDatabase { database in
            #expect(
                try await database.pendingMigrations(of: Schema.migrations).count
                    == Schema.migrations.count)
            try await database.migrate(Schema.migrations)
            #expect(try await database.pendingMigrations(of: Schema.migrations).isEmpty)
            #expect(try await database.schemaDrift(from: Schema.tables) == [])
        }
    }

    @Test(arguments: Backend.all)
    func `a change by hand is seen`(on backend: Backend) async throws {
        try await backend.withDatabase { database in
            try await database.migrate(Schema.migrations)
            try await database.write { tx in
                try tx.script("ALTER TABLE tasks ADD COLUMN extra text; DROP INDEX tasks_claim_idx")
            }
            let drift = try await database.schemaDrift(from: Schema.tables)
            #expect(drift.contains { $0.hasPrefix("not declared: tasks.extra") })
            #expect(drift.contains { $0.hasPrefix("missing here") && $0.contains("claim_idx") })
            #expect(drift.count == 2, "\(drift)")
        }
    }

    @Test func `no two columns of one type are swapped in any record`() throws {
        for table in Schema.tables {
            #expect(try table.swappedColumns() == [], "\(table.name)")
        }
    }

    @Test func `every index is named, for its table, and once`() {
        for dialect in Dialect.allCases {
            let statements = Schema.tables.flatMap { $0.ddl(dialect) }
            let names = statements.compactMap {
                $0.wholeMatch(of: /CREATE (UNIQUE )?INDEX (\w+) .*/)
            }
            .map { String($0.output.2) }
            #expect(Set(names).count == names.count && names.count > 20)
            #expect(names.count == statements.count { $0.contains(" INDEX ") })
            #expect(names.allSatisfy { $0.hasSuffix("_idx") })
        }
    }
}
