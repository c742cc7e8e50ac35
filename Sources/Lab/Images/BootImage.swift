// The image of one kernel structure: its kernel, its programs, and where their sizes come from.
//
// Immutable once made, so systems share it.

import GuestABI
import GuestBuilder
import Machine

/// What is loaded to boot one structure, with the names of everything in it.
final class BootImage {
  let manifest: ImageManifest
  let kernel: ProgramImage
  let programs: [String: ProgramImage]
  /// The image with the program that makes calls for the host: a program of its own, or the kernel's; without any names in
  /// a foreign image.
  let agent: ProgramImage
  /// The program that is linked into the kernel and is its only one; nil where programs are loaded.
  let application: String?
  /// What runs in M-mode below a foreign kernel.
  let firmware: ProgramImage?
  /// Whether somebody else made it: there is no agent in it, and its tasks are not known.
  let isForeign: Bool

  init(manifest: ImageManifest, kernel: [UInt8], programs: [String: [UInt8]]) throws(LabError) {
    self.manifest = manifest
    self.kernel = try Self.parse("kernel", kernel)
    var images: [String: ProgramImage] = [:]
    for (name, bytes) in programs { images[name] = try Self.parse(name, bytes) }
    self.programs = images
    let kernelName = self.kernel.name
    application = manifest.components.first { $0.kind == "program" && $0.image == kernelName }?.name
    guard let agent = images[System.agentName] ?? (application == nil ? nil : self.kernel) else {
      throw LabError(.guestContract, "the image of \(manifest.structure) has no program `\(System.agentName)`")
    }
    self.agent = agent
    firmware = nil
    isForeign = false
  }

  /// An image that somebody else made: there is no agent in it, and nothing is known but the names in its ELF files.
  init(foreignKernel kernel: ELFFile?, firmware: ELFFile?) {
    manifest = ImageManifest(structure: Self.foreign, components: [], programs: [])
    self.kernel = ProgramImage(name: "kernel", elf: kernel ?? .nameless)
    self.firmware = firmware.map { ProgramImage(name: "firmware", elf: $0) }
    programs = [:]
    agent = ProgramImage(name: System.agentName, elf: .nameless)
    application = nil
    isForeign = true
  }

  /// What stands for the structure's name where there is no known structure.
  static let foreign = "foreign"

  /// Everything that runs privileged.
  var privileged: [ProgramImage] { [kernel] + (firmware.map { [$0] } ?? []) }

  /// The privileged image that covers an address: a module in the module area, firmware; the kernel if none does.
  func privileged(covering address: UInt64) -> ProgramImage {
    if (Layout.moduleBase..<Layout.moduleEnd).contains(address), !isForeign {
      return modules.first { $0.section(at: address) != nil } ?? kernel
    }
    guard let firmware, kernel.section(at: address) == nil, firmware.section(at: address) != nil else { return kernel }
    return firmware
  }

  /// Whether some program makes calls for the host.
  var hasAgent: Bool { !isForeign && (application == nil || application == System.agentName) }

  /// Whether everything runs in one address space without page tables.
  var isFlat: Bool { application != nil }

  private static func parse(_ name: String, _ bytes: [UInt8]) throws(LabError) -> ProgramImage {
    do {
      return ProgramImage(name: name, elf: try ELFFile.parse(bytes))
    } catch {
      throw LabError(.machine, "the image of `\(name)` cannot be used: \(error)", hint: "build the guests again")
    }
  }

  /// The image of a name: `kernel` or a program.
  func image(_ name: String) -> ProgramImage? { privileged.first { $0.name == name } ?? programs[name] }

  /// The program of an index in the boot archive.
  func program(at index: UInt32) -> ProgramImage? {
    guard index < UInt32(manifest.programs.count) else { return nil }
    return programs[manifest.programs[Int(index)]]
  }

  /// What the running kernel can take in.
  var modules: [ProgramImage] { manifest.modules.compactMap { programs[$0] } }

  /// Whether the disk's driver is that of the simple disk: then the disk is behind that controller.
  var drivesSimpleDisk: Bool { manifest.components.contains { $0.kind == "driver" && $0.name == "sdisk" } }

  /// Bytes that a loader copies into memory.
  var loadableBytes: UInt64 {
    kernel.elf.segments.reduce(0) { $0 + UInt64($1.fileRange.count) }
  }

  /// Text, constants and data linked to run privileged; the archive of unprivileged programs is none of it.
  var privilegedBytes: UInt64 {
    kernel.elf.sections.filter(isPrivileged).reduce(0) { $0 + $1.size }
  }

  func isPrivileged(_ section: ELFFile.Section) -> Bool {
    guard section.isLoaded, !section.fileRange.isEmpty else { return false }
    return [".text", ".rodata", ".data", ".sdata"].contains { section.name == $0 || section.name.hasPrefix($0 + ".") }
  }

  /// Bytes of one component in one image, by part.
  func size(of component: String, in image: ProgramImage) -> (text: UInt64, constants: UInt64, data: UInt64) {
    var size = (text: UInt64(0), constants: UInt64(0), data: UInt64(0))
    for section in image.elf.sections where section.isLoaded && !section.fileRange.isEmpty {
      let label = SectionName(section.name, image: image.name)
      guard label.component == component else { continue }
      switch label.part {
      case "text": size.text += section.size
      case "constants": size.constants += section.size
      case "data": size.data += section.size
      default: break
      }
    }
    return size
  }
}
