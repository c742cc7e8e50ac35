// The systems that are booted at once, by name, one of them current.
//
// Not safe to share between threads: one user works with it. Only `StopSignal.interrupt()` may come from elsewhere.

import GuestABI
import Machine
import Synchronization

/// Any number of booted systems.
public final class Laboratory {
  /// The instruction budget of a command when none is given.
  public static let defaultLimit: UInt64 = 200_000_000

  /// The budget in instructions of each operation that runs a guest; when it is used up, the system counts as hung.
  public var limit: UInt64 = Laboratory.defaultLimit {
    didSet { for system in systems { system.limit = limit } }
  }
  /// Prices counters afterwards.
  public var costModel = CostModel() {
    didSet { for system in systems { system.costModel = costModel } }
  }
  /// The memory that each system's history may take, in bytes.
  public var historyMemory: UInt64 = History.defaultLimit {
    didSet { for system in systems { system.history.limit = historyMemory } }
  }
  /// Options that are switched on in kernels which boot from now on, as far as they know them.
  var kernelOptions: Set<KernelOption> = []
  /// Stops the guest that is running, from a signal handler or another thread.
  public let stopSignal: StopSignal

  let images: ImageSource
  private var imageCache: [String: BootImage] = [:]
  var systems: [System] = []
  var currentName: String?
  var savedCheckpoints: [SavedCheckpoint] = []
  /// Images made by `link`, in the order of linking.
  var linkedApplications: [LinkedApplication] = []
  /// The structures that were made here.
  var designs: [Design] = []
  /// What runs several systems side by side.
  var monitor = Monitor()

  /// A laboratory without systems, with the guests that were built with it.
  public convenience init() { self.init(images: .bundled) }

  init(images: ImageSource, stopSignal: StopSignal = StopSignal()) {
    self.images = images
    self.stopSignal = stopSignal
  }

  /// The structures that can be booted.
  public static var structures: [String] { ImageSource.bundled.structures }

  /// All systems.
  public func list() -> SystemList {
    SystemList(systems: systems.map { summary(of: $0) })
  }

  private func summary(of system: System) -> SystemSummary {
    var summary = system.summary
    summary.current = system.name == currentName
    return summary
  }

  /// The current system.
  ///
  /// - Throws: `LabError` when none is booted.
  public func current() throws(LabError) -> System {
    guard let system = systems.first(where: { $0.name == currentName }) else {
      throw LabError(.noSystem, "no system is booted", hint: "`boot \(images.structures.first ?? "monolithic")`")
    }
    return system
  }

  /// A system by its name or an unambiguous prefix of it.
  ///
  /// - Throws: `LabError` when there is none, or several.
  public func system(named name: String) throws(LabError) -> System {
    if let system = systems.first(where: { $0.name == name }) { return system }
    let matching = systems.filter { $0.name.hasPrefix(name) }
    let names = systems.map(\.name)
    switch matching.count {
    case 1: return matching[0]
    case 0:
      throw LabError(
        .noSystem, "there is no system `\(name)`\(Nearest.suggestion(for: name, among: names))",
        hint: names.isEmpty ? "`boot` makes one" : "systems: " + names.joined(separator: " "))
    default:
      throw LabError(
        .badArgument, "`\(name)` could be \(matching.map(\.name).joined(separator: " or "))", hint: "write more of it")
    }
  }

  /// Makes another system the current one.
  ///
  /// - Throws: `LabError` when there is none of that name.
  public func use(_ name: String) throws(LabError) -> SystemSummary {
    let system = try system(named: name)
    currentName = system.name
    return summary(of: system)
  }

  /// The image of a structure; parsed once.
  func bootImage(of structure: String) throws(LabError) -> BootImage {
    if let design = designs.first(where: { $0.recipe.structure == structure }) { return design.image }
    if let image = imageCache[structure] { return image }
    let image = try images.image(structure)
    imageCache[structure] = image
    return image
  }

  /// The image of a structure with another driver of its disk, linked once.
  func bootImage(of structure: String, driver: String) throws(LabError) -> BootImage {
    let key = "\(structure) \(driver)"
    if let image = imageCache[key] { return image }
    let image = try relink(structure, driver: driver)
    imageCache[key] = image
    return image
  }

  /// The structure that a name or unambiguous prefix means.
  func structure(_ name: String) throws(LabError) -> String {
    let known = bootableStructures
    if known.contains(name) { return name }
    let matching = name.isEmpty ? [] : known.filter { $0.hasPrefix(name) }
    if matching.count == 1 { return matching[0] }
    throw LabError(
      .notAvailable,
      "`\(name)` cannot be booted, only \(known.joined(separator: " and "))\(Nearest.suggestion(for: name, among: known))",
      hint: "`boot \(known.first ?? "monolithic")`")
  }

  /// A name for a new system: `mono`, `micro`, then `mono-2`, ….
  func freshName(for structure: String) -> String {
    freshName(structure == "monolithic" ? "mono" : structure)
  }

  /// The name itself, or the first free one of `name-2`, `name-3`, ….
  func freshName(_ base: String) -> String {
    guard systems.contains(where: { $0.name == base }) else { return base }
    var number = 2
    while systems.contains(where: { $0.name == "\(base)-\(number)" }) { number += 1 }
    return "\(base)-\(number)"
  }

  // MARK: Copies

  /// An independent copy of everything, for questions that must not disturb the original; memory is shared until written.
  public func fork() -> Laboratory {
    let copy = Laboratory(images: images, stopSignal: stopSignal)
    copy.take(self)
    return copy
  }

  /// Takes over the state of another laboratory, which stays usable; with `fork()` this is undo.
  public func adopt(_ other: Laboratory) { take(other) }

  private func take(_ other: Laboratory) {
    guard other !== self else { return }
    systems = other.systems.map { $0.fork() }
    limit = other.limit
    costModel = other.costModel
    historyMemory = other.historyMemory
    kernelOptions = other.kernelOptions
    imageCache = other.imageCache
    currentName = other.currentName
    savedCheckpoints = other.savedCheckpoints
    linkedApplications = other.linkedApplications
    designs = other.designs
    monitor = other.monitor
  }
}

/// Asks a running guest to stop, and tells how far a search in a history is; safe from any thread and from signal handlers.
public final class StopSignal: Sendable {
  private let requested = Atomic<Bool>(false)
  private let searched = Atomic<UInt64>(.max)

  init() {}

  /// The instruction down to which a search in a history has come or is coming; nil while none is under way.
  public var searchPosition: UInt64? {
    let position = searched.load(ordering: .relaxed)
    return position == .max ? nil : position
  }

  func noteSearch(at instructionCount: UInt64?) { searched.store(instructionCount ?? .max, ordering: .relaxed) }

  /// The operation under way ends soon with `StopKind.interrupted`.
  public func interrupt() { requested.store(true, ordering: .relaxed) }

  /// Takes the request back and says whether there was one.
  func consume() -> Bool { requested.exchange(false, ordering: .relaxed) }
}
