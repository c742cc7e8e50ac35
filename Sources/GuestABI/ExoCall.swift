// The exokernel's calls and the memory that it shares with an environment: physical resources and nothing else.
//
// Numbers are part of the images' contract: append, never renumber.

/// A call of the exokernel, in a7; arguments in a0…a4, the result or a negated error in a0.
///
/// An environment is named by its task number, 0 being the caller. Whoever is named must be the caller itself or one
/// for which it holds a capability.
public enum ExoCall: UInt64, CaseIterable, Sendable {
  // Environments.
  /// Returns the caller's number.
  case identify = 512
  /// a0 and a1 name (0: the caller's, and its program), a2 program, a3 restarts. Returns the number of an environment
  /// without memory.
  case environmentCreate = 513
  /// a0 environment, a1 entry, a2 stack, a3 and a4 its a0 and a1.
  case environmentStart = 514
  /// a0 environment, a1 status.
  case environmentEnd = 515
  /// a0 environment. Returns a0 1 when it has ended, else 0; a1 its status.
  case environmentStatus = 516
  /// a0 environment that has ended: its row is free again.
  case environmentCollect = 517
  /// a0 environment, a1 kind of resource (`ExoRight`), a2 which: it may do what the caller may do.
  case environmentGrant = 518
  /// a0 and a1 name, a2 program: what the caller is from now on.
  case environmentRename = 519
  // Pages.
  /// a0 environment, a1 address, a2 pages, a3 permissions. Returns the physical address of the first page; all lie
  /// in a row, filled with zeros, and belong to the environment.
  case pageAllocate = 524
  /// a0 environment, a1 address, a2 environment, a3 address, a4 permissions: the first shows the second's page.
  case pageMap = 525
  /// a0 environment, a1 address, a2 pages. A page that nobody maps any more is free.
  case pageUnmap = 526
  /// a0 environment, a1 address. Returns a0 the permissions of the first page mapped there or behind, 0 for none;
  /// a1 its address.
  case pageStatus = 527
  /// Returns how many pages are free.
  case pagesFree = 528
  /// a0 address on a page that the caller may write: whoever waits at that page is woken.
  case pageSignal = 529
  // Upcalls.
  /// a0 entry, a1 address of the save area (`UpcallArea`), a2 the stack on which upcalls run.
  case upcallRegister = 532
  /// a0 0: go on with the registers in the save area; 1: the fault cannot be mended.
  case upcallReturn = 533
  // Time slices and events.
  /// a0 environment that gets the rest of the slice; 0: whoever is next.
  case sliceYield = 540
  /// a0 ticks after which to return in any case (0: never), a1 1 to be told of console input, a2 the address of a word
  /// at whose page to wait as well (0: none), a3 what the word must be for that. Returns `ExoEvent`s.
  case wait = 541
  // Devices.
  /// a0 kind of device (ENV_DEVICE_…, 0 the boot archive), a1 address, a2 extent. Returns a0 0, a1 the interrupt.
  case windowMap = 548
  /// a0 kind: what the interrupt was for has been dealt with.
  case interruptFinish = 549
  // Extents of the disk.
  /// a0 sectors. Returns the number of an extent that only the caller may read and write.
  case extentAllocate = 556
  /// a0 extent.
  case extentRelease = 557
  // Packet filters.
  /// a0 kind (ENV_CLAIM_…), a1 value: frames of that kind are the caller's, in both directions.
  case filterBind = 564
  /// a0 kind, a1 value.
  case filterRelease = 565

  #if !hasFeature(Embedded)
    /// The name as a list of calls shows it.
    public var name: String { "\(self)" }

    /// One line for help.
    public var summary: String {
      switch self {
      case .identify: "the caller's number"
      case .environmentCreate: "a new environment without memory, and the capability for it"
      case .environmentStart: "let an environment run from an entry point"
      case .environmentEnd: "end an environment"
      case .environmentStatus: "whether an environment has ended, and with what status"
      case .environmentCollect: "free an ended environment's row"
      case .environmentGrant: "pass a right on"
      case .environmentRename: "be called another program"
      case .pageAllocate: "physical pages, mapped into an environment"
      case .pageMap: "show one environment's page in another"
      case .pageUnmap: "take pages out of an environment; free those that nobody maps"
      case .pageStatus: "the permissions of the next mapped page"
      case .pagesFree: "how many pages are free"
      case .pageSignal: "wake those who wait at a shared page"
      case .upcallRegister: "where page faults and revocations are delivered"
      case .upcallReturn: "go on where an upcall interrupted, or give up"
      case .sliceYield: "give the time slice away, or to an environment"
      case .wait: "sleep until an event or a time"
      case .windowMap: "map a device's registers, or a shadow of them"
      case .interruptFinish: "a device's interrupt has been dealt with"
      case .extentAllocate: "a private extent of the disk"
      case .extentRelease: "give an extent back"
      case .filterBind: "frames to and from an address, port or echo identifier are the caller's"
      case .filterRelease: "give a packet filter back"
      }
    }
  #endif
}

/// What a right is for, beside environments: the kind in `environmentGrant` and in the kernel's capability tables.
public enum ExoRight {
  /// A device's window; which: ENV_DEVICE_….
  @inlinable public static var window: UInt64 { 5 }
  /// An environment; which: its number.
  @inlinable public static var environment: UInt64 { 8 }
  /// A writable extent of the disk; which: its number.
  @inlinable public static var extent: UInt64 { 9 }
  /// The boot archive.
  @inlinable public static var archive: UInt64 { 10 }
}

/// Permissions of a page: SPACE_… and a bit that the kernel keeps without knowing what it stands for.
public enum ExoPermission {
  /// For the library: it means that a page is copied when it is written.
  @inlinable public static var mark: UInt64 { 8 }
}

/// Why `wait` returned: a set of bits.
public enum ExoEvent {
  /// The disk has returned requests to one of the caller's shadows.
  @inlinable public static var disk: UInt64 { 1 }
  /// A key was pressed.
  @inlinable public static var console: UInt64 { 2 }
  /// An environment that the caller made has ended.
  @inlinable public static var child: UInt64 { 4 }
  /// The kernel wants pages back: `UpcallArea.wanted` says how many.
  @inlinable public static var revocation: UInt64 { 8 }
  /// A frame came through one of the caller's filters, or one that it sent is on its way.
  @inlinable public static var network: UInt64 { 16 }
  /// Another environment has signalled the page that the caller waits at.
  @inlinable public static var page: UInt64 { 32 }
}

/// The page in which kernel and environment tell each other about an upcall; offsets in bytes.
public enum UpcallArea {
  /// The interrupted pc, then x1…x31.
  @inlinable public static var registers: UInt64 { 0 }
  /// Why (`UpcallKind`).
  @inlinable public static var kind: UInt64 { 256 }
  /// Of a page fault: the address.
  @inlinable public static var address: UInt64 { 264 }
  /// Of a page fault: 0 read, 1 write, 2 execute.
  @inlinable public static var access: UInt64 { 272 }
  /// Pages that the kernel wants back.
  @inlinable public static var wanted: UInt64 { 280 }
  /// How many pages the kernel has taken by force: the length of the list behind.
  @inlinable public static var repossessed: UInt64 { 288 }
  /// The addresses where those pages were.
  @inlinable public static var repossessedList: UInt64 { 296 }
  /// Entries of that list; the oldest are overwritten.
  @inlinable public static var repossessedCapacity: UInt64 { 256 }
}

/// Why an upcall was made.
public enum UpcallKind {
  /// An access met no page, or one that forbids it.
  @inlinable public static var pageFault: UInt64 { 1 }
  /// The kernel wants pages back.
  @inlinable public static var revocation: UInt64 { 2 }
}
