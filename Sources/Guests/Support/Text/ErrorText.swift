// What an error number means, in the words that programs print.
//
// Callers must pass a negative result; anything else has no error to explain.

/// The text for a negated error number.
func errorText(_ result: Int64) -> StaticString { ErrorCode(rawValue: 0 &- result)?.explanation ?? "unknown error" }
