// Where things lie, in the guests' physical and virtual memory: what host and guests must agree on.

/// Fixed addresses of every image.
///
/// Sv39; the kernel half is mapped in every address space with U = 0.
public enum Layout {
  /// Where an image is loaded and linked, physical and virtual.
  @inlinable public static var imageBase: UInt64 { 0x8000_0000 }
  /// The task table (`TaskRecord`), the same address in every structure: section `.taskrecords`.
  @inlinable public static var taskRecords: UInt64 { 0x8000_1000 }
  /// A device's registers at physical address P are mapped for the kernel at this plus P.
  @inlinable public static var deviceWindow: UInt64 { 0x4000_0000 }

  /// Where modules of a kernel are linked, each to a part of its own.
  @inlinable public static var moduleBase: UInt64 { 0x7000_0000 }
  /// Bytes of address space for one module.
  @inlinable public static var moduleSize: UInt64 { 0x10_0000 }
  /// First address behind all modules.
  @inlinable public static var moduleEnd: UInt64 { 0x7100_0000 }

  /// Where every program is linked.
  @inlinable public static var programBase: UInt64 { 0x1_0000 }
  /// First address of anonymous memory.
  @inlinable public static var anonymousBase: UInt64 { 0x1000_0000 }
  /// End of anonymous memory.
  @inlinable public static var anonymousEnd: UInt64 { 0x2000_0000 }
  /// Memory of the services that are linked into a program, apart from the program's own.
  @inlinable public static var libraryBase: UInt64 { 0x2000_0000 }
  /// Where the network service is, if the program has one.
  @inlinable public static var libraryNetwork: UInt64 { 0x27E0_0000 }
  /// Pages that such a service shares with other programs.
  @inlinable public static var libraryPipes: UInt64 { 0x27F0_0000 }
  /// Where another program's pages are made before it takes the place of this one.
  @inlinable public static var libraryStage: UInt64 { 0x2B00_0000 }
  /// A page through which such a service sees one of another program's.
  @inlinable public static var libraryWindow: UInt64 { 0x27FF_F000 }
  /// Where a user-mode server finds its device's registers.
  @inlinable public static var userDevices: UInt64 { 0x2800_0000 }
  /// Where a user-mode server that loads programs finds the boot archive, read-only.
  @inlinable public static var userArchive: UInt64 { 0x2900_0000 }
  /// Memory that a user-mode driver shares with its device.
  @inlinable public static var userDMA: UInt64 { 0x2A00_0000 }
  /// First address above the user stack.
  @inlinable public static var stackTop: UInt64 { 0x3000_0000 }
  /// Where a program's library keeps what outlives `exec`: from here to the stack's top.
  ///
  /// It is part of the stack's top page, so that it costs no page of its own.
  @inlinable public static var libraryState: UInt64 { 0x2FFF_FC00 }
  /// Bytes of the user stack.
  @inlinable public static var stackSize: UInt64 { 0x8000 }
  /// First address that no program can map.
  @inlinable public static var userEnd: UInt64 { 0x4000_0000 }

  /// Bytes of a page.
  @inlinable public static var pageSize: UInt64 { 4096 }
}
