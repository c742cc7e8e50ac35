// Where the host stops a guest to look, and what it looks for there.
//
// A plan says nothing about user breakpoints' conditions or budgets; `Driving.swift` acts on it.

import GuestABI
import Machine

/// What the host does when a guest reaches an address.
enum TraceAction: Equatable {
  case park
  case panic
  case taskFault
  case restart
  case idle
  /// The first instruction of a component's entry point.
  case entry(component: String, symbol: String)
  /// A message function, with the way it takes.
  case message(Observation.MessagePoint)
  /// A message that does not take the fastpath, and why.
  case fastpathMiss(String)
  /// A copying function, with the argument register that holds the length.
  case copy(lengthRegister: Int)
  case libraryEntry
  case libraryReturn
  case fault(id: Int)
  case breakpoint(id: Int)
}

/// Addresses at which to stop, and the reasons.
///
/// One virtual address means different things in different address spaces, so reasons are kept by image.
struct TracePlan {
  private struct Place: Hashable {
    /// Nil: in every address space.
    let image: String?
    let address: UInt64
  }

  private var actions: [Place: [TraceAction]] = [:]
  private(set) var addresses: Set<UInt64> = []

  mutating func add(_ action: TraceAction, image: String?, at address: UInt64) {
    actions[Place(image: image, address: address), default: []].append(action)
    addresses.insert(address)
  }

  mutating func add(_ action: TraceAction, image: ProgramImage, symbol: String) {
    guard let address = image.address(of: symbol) else { return }
    add(action, image: image.name, at: address)
  }

  /// What to do at an address in an image; things that count come before things that stop.
  func actions(image: String?, at address: UInt64) -> [TraceAction] {
    var found = actions[Place(image: nil, address: address)] ?? []
    if let image { found = (actions[Place(image: image, address: address)] ?? []) + found }
    return found
  }
}

extension TracePlan {
  /// Kinds of components whose entry points are services of a system, as opposed to the glue between them.
  private static let tracedKinds: Set<String> = ["service", "driver", "kernel", "core"]

  /// What is always watched.
  init(watching image: BootImage) {
    // Nobody has agreed on any symbol with a foreign image.
    guard !image.isForeign else { return }
    // Where there is no agent, its own first instruction is where the only program is ready.
    add(.park, image: image.agent, symbol: image.hasAgent ? Observation.park : Observation.application)
    add(.panic, image: image.kernel, symbol: Observation.panic)
    add(.taskFault, image: image.kernel, symbol: Observation.taskFault)
    for program in [image.kernel] + Array(image.programs.values) {
      add(.restart, image: program, symbol: Observation.restart)
    }
  }

  /// What is watched while a call is counted.
  mutating func addCounting(of image: BootImage) {
    add(.idle, image: image.kernel, symbol: Observation.idle)
    for program in [image.kernel] + Array(image.programs.values) {
      for (symbol, point) in Observation.messages { add(.message(point), image: program, symbol: symbol) }
      for (symbol, argument) in Observation.copies {
        // Argument register a0 is x10.
        add(.copy(lengthRegister: 10 + argument), image: program, symbol: symbol)
      }
    }
    for component in image.manifest.components where component.image == image.kernel.name {
      for symbol in component.entryPoints where symbol.hasPrefix(Observation.fastpathMisses) {
        add(
          .fastpathMiss(String(symbol.dropFirst(Observation.fastpathMisses.count))), image: image.kernel, symbol: symbol
        )
      }
    }
    let special = Set(Observation.messages.keys).union(Observation.copies.keys)
      .union([Observation.idle, Observation.panic, Observation.taskFault])
    for component in image.manifest.components where Self.tracedKinds.contains(component.kind) {
      guard let program = image.image(component.image) else { continue }
      for symbol in component.entryPoints
      where !special.contains(symbol) && !symbol.hasPrefix(Observation.fastpathMisses) {
        add(.entry(component: component.name, symbol: symbol), image: program, symbol: symbol)
      }
    }
  }
}
