// `info tcb`: the code that runs privileged in a structure's image, by component.

import GuestBuilder
import Machine

extension Laboratory {
  /// The trusted computing base of structures; nothing is booted.
  ///
  /// - Parameter kernels: Structures; `all` stands for all that were built.
  /// - Throws: `LabError` when a structure is not known or was not built.
  public func trustedBase(_ kernels: [String]) throws(LabError) -> TrustReport {
    var names: [String] = []
    for kernel in kernels { names += kernel == "all" ? bootableStructures : [try structure(kernel)] }
    var report = TrustReport(kernels: [])
    for name in names where !report.kernels.contains(where: { $0.kernel == name }) {
      report.kernels.append(try bootImage(of: name).trustedBase)
    }
    return report
  }
}

extension System {
  /// The trusted computing base of this system: its image's, and the modules that are loaded now.
  public func trustedBase() -> TrustReport {
    var base = image.trustedBase
    for module in loadedModules {
      let parts = image.parts(of: module)
      base.components += parts
      base.services += parts.filter { $0.kind == "service" || $0.kind == "driver" }.map(\.component)
      for part in parts {
        base.privilegedBytes += part.bytes
        base.functions += part.functions
        base.entryPoints += part.entryPoints.count
      }
    }
    return TrustReport(kernels: [base])
  }

  /// The modules that the kernel's address space maps: those that were loaded and not unloaded since.
  var loadedModules: [ProgramImage] {
    image.modules.filter { module in
      module.elf.sections.contains { $0.isExecutable && physical($0.address, satp: kernelViewSatp) != nil }
    }
  }
}

extension BootImage {
  fileprivate var trustedBase: TrustedBase {
    let parts = privilegedParts
    return TrustedBase(
      kernel: manifest.structure, privilegedBytes: privilegedBytes, functions: parts.reduce(0) { $0 + $1.functions },
      entryPoints: parts.reduce(0) { $0 + $1.entryPoints.count },
      services: parts.filter { $0.kind == "service" || $0.kind == "driver" }.map(\.component), components: parts)
  }
}
