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

    var level: FaultLevel {
      switch self {
      case .nullRead, .wildWrite, .loop: .code
      case .ioError, .dead: .device
      }
    }

    var summary: String {
      switch self {
      case .nullRead: "the driver loads from address 0, once"
      case .wildWrite: "the driver stores zero to a kernel's task record, once"
      case .loop: "the driver jumps to the same instruction for ever"
      case .ioError: "the device answers one request with an error"
      case .dead: "the device takes requests and answers none"
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
