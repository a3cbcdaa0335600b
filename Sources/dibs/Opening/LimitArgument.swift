internal import ArgumentParser
internal import DibsCore

/// A limit that was typed in: a number, or `none` to take it away.
struct CountLimit: ExpressibleByArgument {
    let limit: Limit<Int>

    init?(argument: String) {
        if argument == "none" {
            limit = .unlimited
        } else if let count = Int(argument) {
            limit = .at(count)
        } else {
            return nil
        }
    }
}

/// A limit in US dollars that was typed in, or `none`; throws `invalid_amount`.
func amountLimit(_ text: String, _ flag: String) throws -> Limit<USD> {
    text == "none" ? .unlimited : .at(try amount(text, flag))
}
