// A fault that was put into a system, and what came of it.

import GuestABI
import Machine

/// The state of one injected fault; a value, so that checkpoints keep it.
struct InjectedFault {
  let id: Int
  let driver: FaultCatalogue.Driver
  let kind: FaultCatalogue.Kind
  /// Nil for faults of the device.
  var patch: CodePatch?
  let location: CodeLocation?
  let target: CodeLocation?
  /// Still waiting to strike.
  var isArmed = true
  var firedAt: UInt64?
  /// The patched instructions are in memory and their execution is watched.
  var isWatched: Bool
  var outcome: String?
  var detector: String?

  func addTracepoints(to plan: inout TracePlan) {
    guard isWatched, let patch else { return }
    for address in patch.instructions { plan.add(.fault(id: id), image: patch.image, at: address) }
  }

  var report: FaultReport {
    FaultReport(
      id: id, driver: driver.name, kind: kind.rawValue, level: kind.level, description: description,
      location: location, target: target, armed: isArmed, fired: firedAt != nil, firedAt: firedAt, outcome: outcome,
      detector: detector)
  }

  private var description: String {
    switch kind {
    case .nullRead: "load from address 0 at the next request"
    case .wildWrite:
      "store of zero to 0x\(String(target?.address ?? 0, radix: 16)) (\(target?.name ?? "")) at the next request"
    case .loop: "a jump to itself at the next request"
    case .ioError: "the device answers the next request with an error"
    case .dead: "the device answers no request any more"
    case .lostInterrupt: "the device carries the next request out, and no interrupt says so"
    case .interruptStorm: "the device raises each interrupt again as soon as it is acknowledged"
    case .shortRead: "the device fills half of the buffer at the next read and reports success"
    case .garbageRegisters: "the next register that the driver reads shows garbage"
    case .wildDMA:
      "the device's next transfer goes to 0x\(String(target?.address ?? 0, radix: 16)) (\(target?.name ?? "")) instead"
    }
  }
}

/// The faults that exist.
enum FaultCatalogue {
  /// What a fault does.
  enum Kind: String, CaseIterable {
    case nullRead = "null-read"
    case wildWrite = "wild-write"
    case loop
    case ioError = "io-error"
    case dead
    case lostInterrupt = "lost-interrupt"
    case interruptStorm = "interrupt-storm"
    case shortRead = "short-read"
    case garbageRegisters = "garbage-registers"
    case wildDMA = "wild-dma"

    /// What the device does; nil for faults of code.
    var deviceFault: BlockFault? { BlockFault(rawValue: rawValue) }

    var level: FaultLevel { deviceFault == nil ? .code : .device }

    /// Whether it goes on until it is taken away; the others strike once.
    var stays: Bool {
      switch self {
      case .loop, .dead, .interruptStorm: true
      default: false
      }
    }

    var summary: String {
      switch self {
      case .nullRead: "the driver loads from address 0, once"
      case .wildWrite:
        "the driver stores zero to a kernel's task record, or, where it is part of an application, into that, once"
      case .loop: "the driver jumps to the same instruction for ever"
      case .ioError: "the device answers one request with an error"
      case .dead: "the device takes requests and answers none"
      case .lostInterrupt: "the device carries one request out without an interrupt"
      case .interruptStorm: "the device's interrupt comes again and again"
      case .shortRead: "the device reads half of what it says it read, once"
      case .garbageRegisters: "a register of the device shows garbage, once"
      case .wildDMA: "the device's DMA goes to a kernel's task record, once"
      }
    }
  }

  /// A driver that faults can be put into.
  struct Driver {
    let name: String
    /// The function that code faults are put into: the one that takes a request.
    let entryPoint: String
    /// The disk whose device can be made to misbehave; nil for a driver of something else.
    let disk: Board.Disk?

    func takes(_ kind: Kind) -> Bool { kind.level == .code || disk != nil }
  }

  /// Whatever structure they are linked into, and wherever in it.
  static let drivers = [
    Driver(name: "blk", entryPoint: "blk_submit", disk: .virtio),
    Driver(name: "con", entryPoint: "con_write", disk: nil),
    Driver(name: "nic", entryPoint: "nic_submit", disk: nil),
    Driver(name: "sdisk", entryPoint: "blk_submit", disk: .simple),
  ]

  static var targets: [FaultTarget] {
    drivers.map { driver in
      FaultTarget(
        driver: driver.name,
        kinds: Kind.allCases.filter { driver.takes($0) }
          .map { FaultKind(kind: $0.rawValue, level: $0.level, summary: $0.summary) })
    }
  }
}
