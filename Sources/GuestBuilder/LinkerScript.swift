// The linker scripts, generated from an image's objects: one output section of each kind for each component, so
// that an address tells whose it is.

import GuestABI

/// Linker scripts for `ld.lld`.
enum LinkerScript {
  /// The script of a kernel image.
  ///
  /// From the base: the reset code, the task records in a page of their own at `Layout.taskRecords`, then text,
  /// constants, the boot archive, data and zero-initialised data, each from a page boundary on, with symbols at
  /// the borders.
  static func kernel(components: [String]) -> String {
    """
    PHDRS {
      reset PT_LOAD FLAGS(5);
      taskrecords PT_LOAD FLAGS(6);
      text PT_LOAD FLAGS(5);
      rodata PT_LOAD FLAGS(4);
      archive PT_LOAD FLAGS(4);
      data PT_LOAD FLAGS(6);
    }
    SECTIONS {
      .text.reset \(Layout.imageBase) : { KEEP(*(.text.reset)) } :reset
      ASSERT(. <= \(Layout.taskRecords), "the reset code reaches into the task records")
      .taskrecords \(Layout.taskRecords) (NOLOAD) : {
        __taskrecords_start = .;
        KEEP(*(.taskrecords))
        . = ALIGN(MAX(., __taskrecords_start + 1), \(Layout.pageSize));
      } :taskrecords
      . = ALIGN(\(Layout.pageSize));
      __text_start = .;
    \(sections(".text", components, segment: "text"))
      __text_end = .;
      . = ALIGN(\(Layout.pageSize));
      __rodata_start = .;
    \(sections(".rodata", components, segment: "rodata"))
    \(addressTable)
      __rodata_end = .;
      . = ALIGN(\(Layout.pageSize));
      __archive_start = .;
      .archive : { KEEP(*(.archive)) } :archive
      __archive_end = .;
      . = ALIGN(\(Layout.pageSize));
      __data_start = .;
    \(sections(".data", components, segment: "data"))
      __data_end = .;
      . = ALIGN(\(Layout.pageSize));
      __bss_start = .;
    \(sections(".bss", components, segment: "data"))
      __bss_end = .;
      . = ALIGN(\(Layout.pageSize));
      __image_end = .;
    }
    \(Service.allCases.map { "PROVIDE(\($0.name)_gate = gate_none);" }.joined(separator: "\n"))
    \(refusals)

    """
  }

  /// The script of a user program: text, constants, then data with zero-initialised data behind it.
  ///
  /// A server's main function is called by its service, `fs_server_main` in the object `fs-server`.
  static func program(components: [String]) -> String {
    let serverEnds =
      components.contains("env-server")
      ? "PROVIDE(library_start = server_library_start);\nPROVIDE(sys_exit = server_exit);" : ""
    let mains = components.filter { $0.hasSuffix("-server") && $0 != "env-server" }.map {
      $0.replacing("-", with: "_") + "_main"
    }
    return """
      PHDRS {
        text PT_LOAD FLAGS(5);
        rodata PT_LOAD FLAGS(4);
        data PT_LOAD FLAGS(6);
      }
      SECTIONS {
        . = \(Layout.programBase);
      \(sections(".text", components, segment: "text"))
        . = ALIGN(\(Layout.pageSize));
      \(sections(".rodata", components, segment: "rodata"))
      \(addressTable)
        . = ALIGN(\(Layout.pageSize));
      \(sections(".data", components, segment: "data"))
      \(sections(".bss", components, segment: "data"))
      }
      \(mains.map { "PROVIDE(program_main = \($0));" }.joined(separator: "\n"))
      \(serverEnds)
      \(refusals)

      """
  }

  /// The script of a kernel's module: like a program, but at an address of its own in the module area, and with the
  /// kernel's functions where they are.
  static func module(components: [String], number: Int, addresses: [String: UInt64]) -> String {
    """
    \(addresses.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value);" }.joined(separator: "\n"))
    PHDRS {
      text PT_LOAD FLAGS(5);
      rodata PT_LOAD FLAGS(4);
      data PT_LOAD FLAGS(6);
    }
    SECTIONS {
      . = \(Layout.moduleBase + UInt64(number) * Layout.moduleSize);
    \(sections(".text", components, segment: "text"))
      . = ALIGN(\(Layout.pageSize));
    \(sections(".rodata", components, segment: "rodata"))
    \(addressTable)
      . = ALIGN(\(Layout.pageSize));
    \(sections(".data", components, segment: "data"))
    \(sections(".bss", components, segment: "data"))
      ASSERT(. <= \(Layout.moduleBase + UInt64(number + 1) * Layout.moduleSize), "the module is too large")
    }

    """
  }

  /// Calls that a structure need not have; the Unix layer refuses those that nothing in the image implements.
  static let refusable: Set = ["services_find", "services_call", "modules_load", "modules_unload"]
  /// The function that refuses.
  static let refusal = "unix_refuse"
  private static let refusals = refusable.sorted().map { "PROVIDE(\($0) = \(refusal));" }.joined(separator: "\n")

  /// The addresses of variables that one object takes from another; the linker makes it, the loader never changes it.
  private static let addressTable = "  .rodata.addresses : { *(.got .got.plt) } :rodata"

  private static func sections(_ group: String, _ components: [String], segment: String) -> String {
    components.map { "  \(group).\($0) : { *(\(group).\($0) \(group).\($0).*) } :\(segment)" }.joined(separator: "\n")
  }
}
