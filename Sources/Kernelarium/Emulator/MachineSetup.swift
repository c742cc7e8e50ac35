// What a foreign machine is made of, as files and numbers from a command line: for `kernelarium machine` and for
// `boot --image` at the prompt. It reads files and runs nothing.

import Glibc
import Machine

/// The files and sizes of a machine for a foreign image.
struct MachineSetup {
  /// RAM when nobody says otherwise, in bytes.
  static let defaultMemory: UInt64 = 128 << 20

  var bios: String?
  var kernel: String?
  var initrd: String?
  var append: String?
  var dtb: String?
  var disk: String?
  var hasNetwork = false
  var memory = MachineSetup.defaultMemory
  var seed: UInt64 = 0

  /// The memory of this computer, in bytes: a machine cannot have more.
  static var hostMemory: UInt64 {
    UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES)))) * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
  }

  /// The machine that the settings describe.
  ///
  /// - Throws: `CommandError` when the disk's file cannot be used.
  func configuration() throws(CommandError) -> MachineConfiguration {
    var configuration = MachineConfiguration(memoryBytes: memory, bootArguments: append)
    configuration.board.seed = seed
    do {
      if let disk {
        let bytes = try HostFile.read(disk, as: "the disk")
        try configuration.board.place(.block(DiskImage(contents: bytes)))
      }
      if hasNetwork { try configuration.board.place(.network(NetworkAdapter())) }
    } catch let error as CommandError {
      throw error
    } catch {
      throw CommandError(.badFile, "\(error)")
    }
    return configuration
  }

  /// What the files hold.
  ///
  /// - Throws: `CommandError` when one of them cannot be used.
  func contents() throws(CommandError) -> BootContents {
    var contents = BootContents()
    if let bios { contents.firmware = try Self.image(bios, as: "the firmware") }
    if let kernel { contents.kernel = try Self.image(kernel, as: "the kernel") }
    if let initrd { contents.initialRAMDisk = try HostFile.read(initrd, as: "the initial RAM disk") }
    if let dtb {
      let bytes = try HostFile.read(dtb, as: "the device tree")
      do throws(DeviceTreeError) { contents.deviceTree = try DeviceTreeNode(flattened: bytes) } catch {
        throw CommandError(.badFile, "\(dtb): \(error)")
      }
    }
    return contents
  }

  private static func image(_ path: String, as purpose: String) throws(CommandError) -> ProgramImage {
    let bytes = try HostFile.read(path, as: purpose)
    guard !bytes.isEmpty else {
      throw CommandError(.badFile, "\(purpose) \(path) is empty", hint: "build or copy it again")
    }
    do throws(ELFError) { return try ProgramImage(bytes) } catch {
      throw CommandError(.badFile, "\(path): \(error)")
    }
  }
}
