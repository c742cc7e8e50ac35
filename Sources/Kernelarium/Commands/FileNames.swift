// Names of files on the host, for completion only.

import Glibc

/// Looks up file names.
enum FileNames {
  /// Paths that begin with a prefix; folders end in a slash, hidden files show only when asked for.
  static func starting(with prefix: String) -> [String] {
    let slash = prefix.lastIndex(of: "/")
    let folder = slash.map { String(prefix[...$0]) } ?? ""
    let start = slash.map { String(prefix[prefix.index(after: $0)...]) } ?? prefix
    guard let directory = opendir(folder.isEmpty ? "." : folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(start) || name == "." || name == ".." || start.isEmpty && name.hasPrefix(".") { continue }
      let path = folder + name
      var status = stat()
      let isFolder = stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
      names.append(isFolder ? path + "/" : path)
    }
    return names.sorted()
  }
}
