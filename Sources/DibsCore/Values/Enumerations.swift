/// The kind of worker that runs under an account.
package enum AccountType: String, Sendable, CaseIterable, Codable { case user, service, action }

/// The level of an account: its rights besides work.
package enum AccountLevel: String, Sendable, CaseIterable, Codable { case worker, admin }

/// The way in which an account's provider bills it.
package enum AuthType: String, Sendable, CaseIterable, Codable {
    /// An API key: it pays per token and is limited by money a day.
    case api
    /// A seat: it is limited by sessions at once.
    case oauth
}

/// The access to a workspace without a link.
package enum AccessMode: String, Sendable, CaseIterable, Codable { case open, restricted }

/// The kind of system that a source is.
package enum SourceType: String, Sendable, CaseIterable, Codable {
    case manual, github, jira, linear
}

/// Which type of account a task is for.
package enum RunnerPreference: String, Sendable, CaseIterable, Codable {
    case any, user, service, action

    /// The preferences of tasks that an account of a type may take.
    package static func fitting(_ type: AccountType) -> [RunnerPreference] {
        switch type {
        case .user: [.any, .user]
        case .service: [.any, .service]
        case .action: [.any, .action]
        }
    }
}

/// The kind of thing that a worker left.
package enum ArtifactType: String, Sendable, CaseIterable, Codable {
    case diff, plan, report, file, log, link
}

/// The use of a stored secret.
package enum SecretKind: String, Sendable, CaseIterable, Codable {
    case anthropicAPIKey = "anthropic_api_key"
    case oauthToken = "oauth_token"
}

/// The side that wants a question answered.
package enum QuestionKind: String, Sendable, CaseIterable, Codable {
    /// A worker, which waits for it.
    case ask
    /// A limit of the task that is reached: raise it, finish with what is there, or stop.
    case limit
}

/// The source of a cost's amount.
package enum Provenance: String, Sendable, CaseIterable, Codable {
    case reported, estimated, corrected, late
}
