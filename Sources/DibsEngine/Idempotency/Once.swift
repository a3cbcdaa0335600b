internal import DibsCore
internal import DibsData
internal import DibsJSON
internal import DibsSchema
internal import Foundation

/// A request that counts once however often it comes.
///
/// Its key is a row, scoped by credential and operation, that is inserted before anything is done:
/// a second one in flight waits there for the first. What is kept are the ids of what was made; the
/// answer is built again from them, for the eyes of who asks now. Only the key of an account cannot
/// be read again, and is kept sealed. An error keeps nothing, for it undoes the row too. The reaper
/// removes rows after 24 hours, and a credential that has too many loses its oldest with each more.
struct Once {
    /// Time for which an answer is remembered.
    static let retention: TimeInterval = 24 * 3600

    private let credential: KeyHash
    private let operation: String
    private let key: String
    private let fingerprint: String
    private let secret: ServerSecret
    /// Rows that one credential may have; the oldest go.
    private let most: Int

    /// Nil for a caller that did not say by which key it would come again; the request is checked.
    init?(
        _ operation: String, _ request: some Checked, by caller: Credential,
        _ secret: ServerSecret, atMost most: Int
    ) throws {
        guard let key = caller.idempotencyKey else { return nil }
        try Check.line(key, Bounds.key, "Idempotency-Key")
        (credential, self.operation, self.key) = (caller.hash, operation, key)
        fingerprint = Fingerprint.of(String(decoding: try Wire.encode(request), as: UTF8.self))
        (self.secret, self.most) = (secret, most)
    }

    /// The part of an answer that is kept.
    struct Kept: Sendable {
        /// The ids of what was made.
        var ids: [String]
        /// The secret that cannot be read again: the key of an account.
        var secret: String?
    }

    /// Answers the ids that the first one made, or nil for the first one itself.
    ///
    /// Throws `idempotency_key_reused` when the first one asked for something else.
    func earlier(in tx: Transaction) throws -> Kept? {
        let made = try tx.rows(
            """
            INSERT INTO idempotency_keys
                (credential, operation, key, fingerprint, resource, place)
            VALUES (\(credential), \(operation), \(key), \(fingerprint), \(JSON.array([])),
                1 + coalesce((
                    SELECT place FROM idempotency_keys WHERE credential = \(credential)
                    ORDER BY place DESC LIMIT 1), 0))
            ON CONFLICT (credential, operation, key) DO NOTHING RETURNING place
            """, as: Int.self)
        if let number = made.first {
            try forget(upTo: number - most, in: tx)
            return nil
        }
        let kept = try tx.rows(
            "SELECT fingerprint, resource, sealed FROM idempotency_keys WHERE \(isThis)",
            as: String.self, JSONList<String>.self, SealedBytes?.self)
        guard let (fingerprint, ids, sealed) = kept.first else {
            throw DataError(.missing, "an idempotency key was removed while it was used")
        }
        guard fingerprint == self.fingerprint else {
            throw DibsError(
                .idempotencyKeyReused, "That Idempotency-Key was used for another request.",
                details: ["key": key], hint: "Use a new key for a new request.")
        }
        return Kept(
            ids: ids.elements,
            secret: sealed.flatMap { secret.open($0, .repeatedKey, at: place) })
    }

    /// Keeps what the first one made; with nil it is as if it had not come.
    func keep(_ kept: Kept?, in tx: Transaction) throws {
        guard let kept else {
            try tx.execute("DELETE FROM idempotency_keys WHERE \(isThis)")
            return
        }
        let sealed = try kept.secret.map { try secret.seal($0, .repeatedKey, at: place) }
        try tx.execute(
            """
            UPDATE idempotency_keys
            SET resource = \(JSONList(kept.ids)), sealed = \(SQL.value(sealed)),
                created_at = \(try tx.now())
            WHERE \(isThis)
            """)
    }

    /// Removes the oldest of the credential, a few with each one that comes.
    private func forget(upTo number: Int, in tx: Transaction) throws {
        guard number > 0 else { return }
        try tx.execute(
            """
            DELETE FROM idempotency_keys WHERE (credential, operation, key) IN (
                SELECT credential, operation, key FROM idempotency_keys
                WHERE credential = \(credential) AND place <= \(number)
                ORDER BY place LIMIT 10 \(Lock.rowOrSkip))
            """)
    }

    private var isThis: SQL {
        "credential = \(credential) AND operation = \(operation) AND key = \(key)"
    }

    /// The place of the row, outside of which nothing that it keeps sealed can be opened.
    private var place: String {
        Fingerprint.of("\(credential.bytes) \(operation) \(key)")
    }

    /// Forgets what is too old to come again, at most 1,000 a call.
    static func forget(before now: Date, in tx: Transaction) throws {
        let end = now.addingTimeInterval(-retention)
        try tx.execute(
            """
            DELETE FROM idempotency_keys WHERE (credential, operation, key) IN (
                SELECT credential, operation, key FROM idempotency_keys
                WHERE created_at < \(end) LIMIT 1000)
            """)
    }
}

/// The answer of an operation when it comes again.
struct Recall<Answer: Sendable>: Sendable {
    /// Picks the part of an answer that is kept; nil when it is not worth keeping.
    let kept: @Sendable (Answer) -> Once.Kept?
    /// The answer again, as things are now and as far as the caller may see them.
    let answer: @Sendable (Once.Kept, Transaction, Caller) throws -> Answer
}

extension Recall where Answer: Entity, Answer.ID == Identifier<Answer> {
    /// An answer that is one row, read again as the caller may read it.
    static func row(
        _ find: @escaping @Sendable (Caller, Identifier<Answer>, Transaction) throws -> Answer
    ) -> Recall<Answer> {
        Recall {
            Once.Kept(ids: ["\($0.id)"])
        } answer: { kept, tx, caller in
            guard let id = kept.ids.first.flatMap({ Identifier<Answer>($0) }) else {
                throw DataError(.missing, "an idempotency key keeps no id")
            }
            return try find(caller, id, tx)
        }
    }
}

extension Engine {
    /// One transaction that counts once, when the caller said by which key it would come again.
    ///
    /// `allow` throws what the caller may not, and reads without a lock; it is asked each time, so
    /// that a right that was taken away is not had through a repetition. `act` gets what it found.
    func writeOnce<Allowed, Answer: Sendable>(
        _ operation: String, _ request: some Checked, as credential: Credential,
        recall: Recall<Answer>, lastWordOf late: Worker.ID? = nil,
        allow: @escaping @Sendable (Transaction, Caller) throws -> Allowed,
        act: @escaping @Sendable (Transaction, Caller, Allowed) throws -> Answer
    ) async throws -> Answer {
        try request.check()
        let once = try Once(
            operation, request, by: credential, secret, atMost: settings.repeatsOfCredential)
        return try await write(as: credential, lastWordOf: late) { tx, caller in
            let allowed = try allow(tx, caller)
            if let kept = try once?.earlier(in: tx) { return try recall.answer(kept, tx, caller) }
            let answer = try act(tx, caller, allowed)
            try once?.keep(recall.kept(answer), in: tx)
            return answer
        }
    }
}
