/// Which of the two languages a statement is written in.
package enum Dialect: Sendable, Hashable, CaseIterable { case sqlite, postgres }
