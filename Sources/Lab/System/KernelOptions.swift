// The switches of a running kernel: words of its memory that the host writes, as logged input.
//
// Not the tool's settings: a kernel that does not know a switch refuses it.

import GuestABI
import Machine

extension Laboratory {
  /// Switches an option of the current system's kernel, if one is booted, and of all that boot from now on, those of
  /// `compare` included.
  ///
  /// - Throws: `LabError` when the current system's kernel does not know the option; then nothing has changed.
  public func setKernelOption(_ option: KernelOption, to isOn: Bool) throws(LabError) {
    if currentName != nil { try current().setKernelOption(option, to: isOn) }
    if isOn { kernelOptions.insert(option) } else { kernelOptions.remove(option) }
  }

  /// Whether an option is on: in the current system, or without one in those that boot from now on.
  public func kernelOption(_ option: KernelOption) -> Bool {
    (try? current()).flatMap { $0.kernelOption(option) } ?? kernelOptions.contains(option)
  }
}

extension System {
  /// Switches an option of the kernel; the kernel follows with its next system call or message.
  ///
  /// - Throws: `LabError` when this kernel has no such option.
  func setKernelOption(_ option: KernelOption, to isOn: Bool) throws(LabError) {
    try requireOurs("be switched")
    guard let address = address(of: option) else {
      switch option {
      case .isolatePageTable:
        throw LabError(
          .notAvailable, "\(kernel) cannot hide its kernel from user mode: \(Self.reasonAgainstHiding(kernel))",
          hint: "monolithic and hybrid can")
      case .bufferedMessages:
        throw LabError(
          .notAvailable, "\(kernel) has no kernel that passes messages on", hint: "micro and hybrid have one")
      }
    }
    writePhysical([isOn ? 1 : 0] + [UInt8](repeating: 0, count: 7), at: address)
  }

  private static func reasonAgainstHiding(_ structure: String) -> String {
    switch structure {
    case "uni": "everything runs in one mode"
    case "exo": "its traps are few, and go without a second page table"
    default: "its message path changes address spaces by itself, in the kernel's sight"
    }
  }

  /// Whether an option is on; nil when the kernel has no such option.
  func kernelOption(_ option: KernelOption) -> Bool? {
    address(of: option).flatMap { physicalWord($0) }.map { $0 != 0 }
  }

  /// Where an option's word is; nil when the kernel has no such option.
  private func address(of option: KernelOption) -> UInt64? {
    guard !image.isForeign, image.kernel.address(of: option.evidence) != nil else { return nil }
    return image.kernel.address(of: KernelOption.symbol).map { $0 + option.rawValue }
  }

  // MARK: A kernel that is hidden

  /// The value of `satp` for the kernel's own address space; nil before it has one.
  private var kernelSatp: UInt64? {
    guard !image.isForeign, !image.isFlat, let offset = MemoryLayout<TaskRecord>.offset(of: \TaskRecord.satp),
      let satp = physicalWord(Layout.taskRecords + UInt64(offset)), ram.contains(AddressSpaceRoot(satp: satp).root)
    else { return nil }
    return satp
  }

  /// The kernel's own address space, where those of tasks have nothing of it but its gate; else nil.
  var hiddenKernelSpace: AddressSpaceRoot? {
    guard let entry = image.kernel.address(of: "trap_entry"), image.kernel.address(of: "gate_entry") != nil,
      let task = taskTable.rows.first(where: { $0.corruption == nil && $0.space.isTranslated }),
      physical(entry, satp: task.record.satp) == nil
    else { return nil }
    return kernelSatp.map { AddressSpaceRoot(satp: $0) }
  }

  /// An address space in which the kernel's addresses mean something: the current one, unless the kernel is hidden.
  var kernelViewSatp: UInt64 { hiddenKernelSpace?.satp ?? currentSatp }

  /// The task that a kernel in its own address space works for, by its record.
  var taskOfHiddenKernel: TaskRow? {
    guard machine.privilege == .supervisor, currentSatp == kernelSatp else { return nil }
    return taskTable.rows.first { $0.corruption == nil && $0.record.state == TaskState.running.rawValue }
  }
}
