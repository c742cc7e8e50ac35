// The exokernel's books as a host reads them: who owns which physical resource.
//
// They lie in RAM that a fault can reach: the host must treat every number as untrusted.

#if !hasFeature(Embedded)
  /// The words at symbol `ResourceTable.symbol` of an exokernel's image, and what they lead to.
  ///
  /// Addresses are the kernel's, which are physical ones; offsets are in bytes.
  public enum ResourceTable {
    /// The kernel's symbol; other kernels have none.
    public static let symbol = "exo_resources"
    /// Offset of the address of the page table's rows, one for each page of RAM: the owner's slot (0: the kernel or
    /// nobody), then in how many environments it is mapped; a byte each.
    public static let pages: UInt64 = 0
    /// Offset of the physical address of the page of the first row.
    public static let firstPage: UInt64 = 8
    /// Offset of the number of rows.
    public static let pageCount: UInt64 = 16
    /// Bytes of a page's row.
    public static let pageStride: UInt64 = 2
    /// The owner of a page that lost its environment while a device still uses it.
    public static let ownerDevice: UInt8 = 255
    /// Offset of the address of the extents' rows: first sector, sectors (0: free), the owner's task number (0:
    /// everybody), a word each.
    public static let extents: UInt64 = 24
    /// Offset of the number of those rows.
    public static let extentCount: UInt64 = 32
    /// Bytes of an extent's row.
    public static let extentStride: UInt64 = 24
    /// Offset of the address of the environments' rows, one for each slot of the task table.
    ///
    /// A row begins with eight words: pages owned, pages that it may keep of those asked back, pages taken by force,
    /// pages asked back so far, those of them given in time; frames received, sent, and refused by the filters.
    public static let environments: UInt64 = 40
    /// Offset of the bytes of such a row.
    public static let environmentStride: UInt64 = 48
    /// Offset of the address of the packet filters' rows: kind (0: free), value, owner's task number (0: the port is left
    /// alone for a while), a word each, and one that is the kernel's own.
    public static let filters: UInt64 = 56
    /// Offset of the number of those rows.
    public static let filterCount: UInt64 = 64
    /// Bytes of a filter's row.
    public static let filterStride: UInt64 = 32
    /// Offset of two words by which a host asks an environment for pages: its task number, then how many.
    ///
    /// The kernel sets the second to 0 when it has seen them, at the next call of any environment.
    public static let revocation: UInt64 = 72
    /// How long an environment has to comply, in ticks of the clock.
    public static let patience: UInt64 = 100_000
  }
#endif
