// The program's version, for `--version` and bug reports.

/// The version of the program.
enum Version {
  static let text = "kernelarium 0.1.0"
}
