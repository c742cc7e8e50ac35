// `info image`: the sections of a linked image, as its ELF file has them.

import Machine

extension System {
  /// The sections of an image.
  ///
  /// - Parameter name: A program; the kernel's image when nil.
  /// - Throws: `LabError` when there is no such image.
  public func imageSections(of name: String? = nil) throws(LabError) -> ImageReport {
    let name = name ?? image.kernel.name
    guard let program = image.image(name) else {
      let names = [image.kernel.name] + programs
      throw LabError(
        .unknownName, "there is no image `\(name)`\(Nearest.suggestion(for: name, among: names))",
        hint: "images: " + names.joined(separator: " "))
    }
    let loaded = program.elf.sections.filter { $0.isLoaded && $0.size > 0 }
    return ImageReport(
      kernel: kernel, image: name, privilege: image.role(of: name) == .kernel ? "S" : "U",
      loadableBytes: program.elf.segments.reduce(0) { $0 + UInt64($1.fileRange.count) }, entry: program.elf.entry,
      sections: loaded.sorted { $0.address < $1.address }.map { section in
        let label = SectionName(section.name, image: program.name)
        return SectionReport(
          name: section.name, address: section.address, bytes: section.size,
          fileBytes: UInt64(section.fileRange.count), component: label.component, part: label.part,
          permissions: "r" + (section.isWritable ? "w" : "-") + (section.isExecutable ? "x" : "-"))
      })
  }
}
