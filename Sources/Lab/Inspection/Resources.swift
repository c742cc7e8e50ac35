// Who owns which page, extent, time slice and device window, from an exokernel's own books.

import GuestABI

extension System {
  /// What the kernel has handed out to whom.
  ///
  /// - Throws: `LabError` when this kernel hands out no physical resources, or its books make no sense.
  public func resources() throws(LabError) -> ResourceReport {
    let books = try resourceBooks
    func word(_ address: UInt64) throws(LabError) -> UInt64 {
      guard let word = physicalWord(address) else {
        throw LabError(
          .guestContract, "the kernel's books lead to 0x\(String(address, radix: 16)), where there is no memory",
          hint: "`info system` says what happened to it")
      }
      return word
    }
    let count = min(try word(books + ResourceTable.pageCount), boot.memoryBytes / Layout.pageSize)
    guard
      let rows = machine.memory.bytes(
        at: try word(books + ResourceTable.pages), count: Int(count * ResourceTable.pageStride))
    else {
      throw LabError(.guestContract, "the table of pages is corrupt", hint: "`info system` says what happened")
    }
    var owned = [UInt64](repeating: 0, count: 256)
    var shared = owned
    for index in stride(from: 0, to: rows.count, by: Int(ResourceTable.pageStride)) {
      owned[Int(rows[index])] += 1
      if rows[index + 1] > 1 { shared[Int(rows[index])] += 1 }
    }

    let table = taskTable
    let environments = try word(books + ResourceTable.environments)
    let stride = min(try word(books + ResourceTable.environmentStride), Layout.pageSize)
    var found: [EnvironmentResources] = []
    for row in table.rows where row.corruption == nil {
      let slot = UInt64(row.record.id) % UInt64(TaskRecord.count)
      let place = environments + slot * stride
      found.append(
        EnvironmentResources(
          task: UInt64(row.record.id), name: row.name, pages: owned[Int(slot)], sharedPages: shared[Int(slot)],
          pagesTaken: try word(place + 16), pagesAsked: try word(place + 24), pagesGiven: try word(place + 32),
          framesReceived: try word(place + 40), framesSent: try word(place + 48),
          framesRefused: try word(place + 56), slice: Self.slice(row.record.state)))
    }
    var extents: [ExtentReport] = []
    let first = try word(books + ResourceTable.extents)
    for index in 0..<min(try word(books + ResourceTable.extentCount), 64) {
      let place = first + index * ResourceTable.extentStride
      let sectors = try word(place + 8)
      guard sectors > 0 else { continue }
      let owner = try word(place + 16)
      extents.append(
        ExtentReport(
          extent: Int(index), first: try word(place), sectors: sectors, owner: owner == 0 ? nil : owner,
          ownerName: owner == 0 ? nil : table.name(id: owner)))
    }
    var filters: [PacketFilterReport] = []
    let firstFilter = try word(books + ResourceTable.filters)
    for index in 0..<min(try word(books + ResourceTable.filterCount), 64) {
      let place = firstFilter + index * ResourceTable.filterStride
      let owner = try word(place + 16)
      guard let kind = PacketFilterKind(rawValue: try word(place)), owner != 0 else { continue }
      filters.append(
        PacketFilterReport(
          filter: kind.describe(try word(place + 8)), owner: owner, ownerName: table.name(id: owner)))
    }
    return ResourceReport(
      pageSize: Layout.pageSize, pages: count, pagesOfNobody: owned[0] + owned[Int(ResourceTable.ownerDevice)],
      environments: found, extents: extents, filters: filters,
      devices: devices().devices.filter { $0.owners.contains { $0 != "kernel" } })
  }

  /// Where the kernel's books begin.
  var resourceBooks: UInt64 {
    get throws(LabError) {
      guard let books = image.kernel.address(of: ResourceTable.symbol) else {
        throw LabError(
          .notAvailable, "the \(kernel) kernel does not hand out physical resources, so it has no books on them",
          hint: "`boot exo`, or `info rights` for what the page tables grant")
      }
      return books
    }
  }

  private static func slice(_ state: UInt32) -> String {
    switch TaskState(rawValue: state) {
    case .running: "has it"
    case .ready: "ready"
    default: "none"
    }
  }
}

/// What a packet filter is for, by the numbers that guests use (Sources/Guests/Interfaces/env.h).
private enum PacketFilterKind: UInt64 {
  case echo = 1
  case port = 6
  case datagram = 17
  case address = 0x806

  /// What passes it, in words.
  func describe(_ value: UInt64) -> String {
    switch self {
    case .echo: value == 0 ? "echoes that others ask for (ICMP)" : "echoes with identifier \(value) (ICMP)"
    case .port: "TCP port \(value)"
    case .datagram: "UDP port \(value)"
    case .address: "address " + [24, 16, 8, 0].map { String(value >> $0 & 255) }.joined(separator: ".") + " (ARP)"
    }
  }
}
