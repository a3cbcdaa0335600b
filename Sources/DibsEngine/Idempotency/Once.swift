internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// A request that counts once however often it comes.
///
/// Its key is a row, scoped by account and operation, that is inserted before anything else: a
/// second one in flight waits there for the first. What is kept are the ids of what was made,
/// never a key or a secret; the answer is built again from them. An error keeps nothing, for it
/// undoes the row too. The reaper removes rows after 24 hours.
struct Once {
    /// How long an answer is remembered.
    static let retention: TimeInterval = 24 * 3600

    let account: Account.ID
    let operation: String
    let key: String
    let fingerprint: String

    /// The ids that the first one made, or nil for the first one itself.
    ///
    /// Throws `idempotency_key_reused` when the first one asked for something else.
    func earlier(in tx: Transaction) throws -> [String]? {
        let isFirst = try tx.execute(
            """
            INSERT INTO idempotency_keys (account_id, operation, key, fingerprint, resource)
            VALUES (\(account), \(operation), \(key), \(fingerprint), \(JSON.array([])))
            ON CONFLICT (account_id, operation, key) DO NOTHING
            """)
        guard isFirst == 0 else { return nil }
        let kept = try tx.rows(
            """
            SELECT fingerprint, resource FROM idempotency_keys
            WHERE account_id = \(account) AND operation = \(operation) AND key = \(key)
            """, as: String.self, JSONList<String>.self)
        guard let (fingerprint, ids) = kept.first else {
            throw DataError(.missing, "an idempotency key was removed while it was used")
        }
        guard fingerprint == self.fingerprint else {
            throw DibsError(
                .idempotencyKeyReused, "That Idempotency-Key was used for another request.",
                details: ["key": key], hint: "Use a new key for a new request.")
        }
        return ids.elements
    }

    /// Keeps what the first one made; with nil it is as if it had not come.
    func keep(_ ids: [String]?, in tx: Transaction) throws {
        guard let ids else {
            try tx.execute(
                """
                DELETE FROM idempotency_keys
                WHERE account_id = \(account) AND operation = \(operation) AND key = \(key)
                """)
            return
        }
        try tx.execute(
            """
            UPDATE idempotency_keys SET resource = \(JSONList(ids)), created_at = \(try tx.now())
            WHERE account_id = \(account) AND operation = \(operation) AND key = \(key)
            """)
    }

    /// Forgets what is too old to come again, at most 1,000 a call.
    static func forget(before now: Date, in tx: Transaction) throws {
        let end = now.addingTimeInterval(-retention)
        try tx.execute(
            """
            DELETE FROM idempotency_keys WHERE created_at < \(end) AND key IN (
                SELECT key FROM idempotency_keys WHERE created_at < \(end) LIMIT 1000)
            """)
    }
}

/// How an operation is answered when it comes again.
struct Recall<Answer: Sendable>: Sendable {
    /// What is kept of an answer; nil when it is not worth keeping.
    let ids: @Sendable (Answer) -> [String]?
    /// The answer again, as things are now.
    let answer: @Sendable ([String], Transaction, Caller) throws -> Answer
}

extension Recall where Answer: Entity, Answer.ID == Identifier<Answer> {
    /// An answer that is one row.
    static var row: Recall<Answer> {
        Recall {
            ["\($0.id)"]
        } answer: { ids, tx, _ in
            let id = ids.first.flatMap { Identifier<Answer>($0) }
            guard let id, let row = try Answer.find(id, in: tx) else {
                throw DibsError.notFound("thing that this request had made", ids.first ?? "")
            }
            return row
        }
    }
}

extension Engine {
    /// One transaction that counts once, when the caller said by which key it would come again.
    func writeOnce<Answer: Sendable>(
        _ operation: String, _ request: some Encodable & Sendable, as credential: Credential,
        recall: Recall<Answer>,
        _ body: @escaping @Sendable (Transaction, Caller) throws -> Answer
    ) async throws -> Answer {
        guard let key = credential.idempotencyKey else {
            return try await write(as: credential, body)
        }
        let text = String(decoding: try Wire.encode(request), as: UTF8.self)
        return try await write(as: credential) { tx, caller in
            let once = Once(
                account: caller.account.id, operation: operation, key: key,
                fingerprint: Fingerprint.of(text))
            if let ids = try once.earlier(in: tx) { return try recall.answer(ids, tx, caller) }
            let answer = try body(tx, caller)
            try once.keep(recall.ids(answer), in: tx)
            return answer
        }
    }
}
