// The functions that a program may call: the same list in every structure, whatever a call then becomes
// (an `ecall`, a message, a plain call).
//
// Numbers are part of the images' contract: append, never renumber.

/// A function of the program library, by the number that the agent's mailbox and the `ecall` stubs use.
public enum LibraryCall: UInt64, CaseIterable, Sendable {
  case null = 0
  case getpid = 1
  case yield = 2
  case exit = 3
  case spawn = 4
  case wait = 5
  case kill = 6
  case sleep = 7
  case open = 8
  case close = 9
  case read = 10
  case write = 11
  case seek = 12
  case mkdir = 13
  case remove = 14
  case rename = 15
  case readdir = 16
  case stat = 17
  case sync = 18
  case map = 19
  case unmap = 20
  case fork = 21
  case exec = 22
  case pipe = 23
  case duplicate = 24
  case poll = 25
  case time = 26
  case mapfile = 27
  case listen = 30
  case accept = 31
  case connect = 32
  case ping = 33
  case address = 34
  case findservice = 40
  case callservice = 41
  case loadmodule = 42
  case unloadmodule = 43
  case cachepolicy = 44
  case statistics = 45
}

/// How `open` opens: a set of bits in its second argument.
public struct OpenFlags: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt64
  /// A set from its bits.
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Writing is allowed; reading always is.
  @inlinable public static var write: OpenFlags { OpenFlags(rawValue: 1) }
  /// The file is created when it does not exist.
  @inlinable public static var create: OpenFlags { OpenFlags(rawValue: 2) }
  /// The file's old content is dropped.
  @inlinable public static var truncate: OpenFlags { OpenFlags(rawValue: 4) }
  /// Every write goes to the end.
  @inlinable public static var append: OpenFlags { OpenFlags(rawValue: 8) }
}

/// What `stat` reports, as it lies in memory.
public struct FileStatus: Sendable {
  /// 1 for a file, 2 for a directory.
  public var kind: UInt64
  /// In bytes.
  public var size: UInt64
  /// The inode's number in its file system.
  public var inode: UInt64

  /// Makes a status.
  @inlinable public init(kind: UInt64, size: UInt64, inode: UInt64) {
    self.kind = kind
    self.size = size
    self.inode = inode
  }
}

/// One entry of `readdir`, as it lies in memory.
public enum DirectoryEntryLayout {
  /// Bytes of one entry: inode number (4), kind (1), name length (1), two unused, then the name.
  @inlinable public static var size: Int { 64 }
  /// Offset of the name, which is not terminated.
  @inlinable public static var nameOffset: Int { 8 }
  /// The longest name in bytes.
  @inlinable public static var maximumName: Int { 56 }
}

#if !hasFeature(Embedded)
  extension LibraryCall {
    /// What one argument of a call is, so that a host can parse, complete and marshal it.
    public enum Parameter: Equatable, Sendable {
      /// A path or program name, passed as address and length in bytes.
      case path
      /// An argument string for a program, passed as address and length; may be left out.
      case text
      /// Bytes to write, passed as address and length.
      case input
      /// Room for bytes to read; the student gives the count.
      case output
      /// A small number.
      case number(String)
      /// A set of `OpenFlags`; may be left out.
      case flags
      /// An Internet address, typed as four numbers with dots between, passed as one number.
      case address
      /// Room for a `FileStatus`; nothing to type.
      case status
    }

    /// The name as typed after `sys`.
    public var name: String { "\(self)" }

    /// The library function's symbol.
    public var symbol: String { "sys_\(self)" }

    /// The arguments in order, as typed.
    public var parameters: [Parameter] {
      switch self {
      case .null, .getpid, .yield, .sync, .fork, .pipe, .time: []
      case .exit: [.number("status")]
      case .spawn: [.path, .text]
      case .wait: [.number("task")]
      case .kill: [.number("task")]
      case .sleep: [.number("milliseconds")]
      case .open: [.path, .flags]
      case .close: [.number("descriptor")]
      case .read: [.number("descriptor"), .output]
      case .write: [.number("descriptor"), .input]
      case .seek: [.number("descriptor"), .number("offset")]
      case .mkdir, .remove: [.path]
      case .rename: [.path, .path]
      case .readdir: [.number("descriptor"), .output]
      case .stat: [.path, .status]
      case .map: [.number("bytes")]
      case .unmap: [.number("address"), .number("bytes")]
      case .exec: [.path, .text]
      case .duplicate: [.number("descriptor"), .number("target")]
      case .poll: [.number("readable"), .number("writable"), .number("milliseconds")]
      case .mapfile: [.number("descriptor"), .number("offset"), .number("bytes")]
      case .listen: [.number("port")]
      case .accept: [.number("descriptor")]
      case .connect: [.address, .number("port")]
      case .ping: [.address]
      case .address: []
      case .findservice, .loadmodule, .unloadmodule: [.path]
      case .callservice: [.number("descriptor"), .number("label"), .input, .output]
      case .cachepolicy: [.number("policy")]
      case .statistics: [.output]
      }
    }

    /// One line for help.
    public var summary: String {
      switch self {
      case .null: "do nothing and come back: the price of the way itself"
      case .getpid: "the caller's task number"
      case .yield: "give the rest of the time slice away"
      case .exit: "end the calling task"
      case .spawn: "start a program; returns its task number"
      case .wait: "wait for a child to end; returns its status"
      case .kill: "end another task"
      case .sleep: "sleep for simulated milliseconds"
      case .open: "open a file; flags: write create truncate append"
      case .close: "close a descriptor"
      case .read: "read bytes from a descriptor"
      case .write: "write bytes to a descriptor"
      case .seek: "set a descriptor's position"
      case .mkdir: "make a directory"
      case .remove: "remove a file or an empty directory"
      case .rename: "give a file another path"
      case .readdir: "read directory entries"
      case .stat: "kind, size and inode of a path"
      case .sync: "write everything to the disk"
      case .map: "anonymous memory, filled with zeros when touched"
      case .unmap: "give anonymous memory back"
      case .fork: "a second task with the same memory, copied where one writes; the agent's copy ends at once"
      case .exec: "become another program, with the same number and descriptors"
      case .pipe: "make a pipe; returns its reading descriptor, and its writing one times 256"
      case .duplicate: "give a descriptor a second number; -1 stands for the lowest free one"
      case .poll: "wait until descriptors are ready; sets of bits, the writable ones 32 bits up in the result"
      case .time: "simulated microseconds since the machine was switched on"
      case .mapfile: "memory that shows a file, read when touched"
      case .listen: "a socket that listens on a TCP port"
      case .accept: "wait for the next connection to a listening socket; returns its descriptor"
      case .connect: "connect to a TCP port; returns a descriptor to read, write and close"
      case .ping: "send an echo and wait for it; returns the time in microseconds"
      case .address: "the system's own Internet address, as a number"
      case .findservice: "a descriptor for a service by its name"
      case .callservice: "ask a service: a label, bytes to send, room for bytes to receive"
      case .loadmodule: "take a module into the running kernel"
      case .unloadmodule: "take a module out of the kernel"
      case .cachepolicy: "what leaves the block cache: 0 the least recently used, 1 the most recently used"
      case .statistics: "the block cache: policy, capacity, hits, misses, evictions; five words of 8 bytes"
      }
    }
  }
#endif
