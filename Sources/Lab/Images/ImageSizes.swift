// The privileged part of an image, counted: bytes, functions, entry points, each by component.

import GuestABI
import GuestBuilder
import Machine

extension BootImage {
  /// The image's sizes in a few figures.
  var sizes: ImageSizes {
    let parts = privilegedParts
    return ImageSizes(
      imageBytes: loadableBytes, privilegedBytes: privilegedBytes,
      privilegedFunctions: parts.reduce(0) { $0 + $1.functions },
      privilegedEntryPoints: parts.reduce(0) { $0 + $1.entryPoints.count }, programs: programs.count)
  }

  /// Everything that is linked to run privileged, by component, in the order of its first section.
  var privilegedParts: [TrustedPart] { parts(of: kernel) }

  /// The parts of the kernel, or of a module that runs privileged once it is loaded.
  func parts(of image: ProgramImage) -> [TrustedPart] {
    var parts: [TrustedPart] = []
    for section in image.elf.sections.filter(isPrivileged).sorted(by: { $0.address < $1.address }) {
      let label = SectionName(section.name, image: image.name)
      let index: Int
      if let known = parts.firstIndex(where: { $0.component == label.component }) {
        index = known
      } else {
        index = parts.count
        parts.append(part(label.component, of: image))
      }
      switch label.part {
      case "text": parts[index].textBytes += section.size
      case "constants": parts[index].constantBytes += section.size
      default: parts[index].dataBytes += section.size
      }
      let code = section.address..<section.address + section.size
      if section.isExecutable {
        parts[index].functions +=
          Set(
            image.elf.symbols.all.filter { $0.kind == .function && code.contains($0.address) }.map(\.address)
          ).count
      }
    }
    return parts
  }

  private func part(_ component: String, of image: ProgramImage) -> TrustedPart {
    let row = manifest.components.first { $0.name == component && $0.image == image.name }
    return TrustedPart(
      component: component, kind: row?.kind ?? "other", textBytes: 0, constantBytes: 0, dataBytes: 0, functions: 0,
      entryPoints: row?.entryPoints ?? [])
  }
}
