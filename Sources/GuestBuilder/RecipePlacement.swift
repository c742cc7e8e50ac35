// Moving a service across the boundary: from a recipe to the recipe in which one service runs elsewhere, with
// everything that follows from it: stubs, gates, servers, rights, the kernel's message part.
//
// The result is only a recipe: whoever asks for it links and boots it.

/// On which side of the boundary a service runs.
public enum Placement: String, Codable, CaseIterable, Sendable {
  /// In a task of its own, reached by messages.
  case user
  /// In the kernel, reached by function calls from there and by gates from user mode.
  case kernel
}

/// A service that can be on either side.
private struct MovableService {
  var name: String
  var kind: ComponentKind
  /// The folders of objects that are this service: one of them is in the structure.
  var folders: [String]
  /// What it calls, in its own task.
  var calls: [String] = []
  /// What it only notifies, for which it needs the right but no stub.
  var notifies: [String] = []
  /// The kind of device that it drives.
  var device: String?
  /// The service that is always on the same side.
  var companion: String?

  static let all = [
    MovableService(name: "fs", kind: .service, folders: ["Components/fs"], calls: ["blk", "reinc"]),
    MovableService(name: "pipe", kind: .service, folders: ["Components/pipe"]),
    MovableService(name: "blk", kind: .driver, folders: ["Components/blk", "Components/sdisk"], device: "block"),
    MovableService(name: "con", kind: .driver, folders: ["Components/con"], device: "console"),
    // The driver tells the service of frames by a notification, which takes two tasks, or by a call, which takes none.
    MovableService(
      name: "net", kind: .service, folders: ["Components/net"], calls: ["nic", "reinc"], companion: "nic"),
    MovableService(
      name: "nic", kind: .driver, folders: ["Components/nic"], notifies: ["net"], device: "network",
      companion: "net"),
  ]

  var stub: ObjectReference { ObjectReference(kind: .stub, folder: "Transport/\(name)-stub") }
  var server: ObjectReference { ObjectReference(kind: .server, folder: "Transport/\(name)-server") }

  /// The object that is this service in a list of objects.
  func component(in objects: [ObjectReference]) -> ObjectReference? {
    objects.first { folders.contains($0.folder) }
  }
}

extension Recipe {
  /// The services that `moving` knows, by name.
  public static var movableServices: [String] { MovableService.all.map(\.name) }

  /// Where a service runs; nil when the structure does not have it, or it is no movable one.
  public func placement(of service: String) -> Placement? {
    guard let service = MovableService.all.first(where: { $0.name == service }) else { return nil }
    if service.component(in: kernel) != nil { return .kernel }
    return servers.contains { service.component(in: $0.objects) != nil } ? .user : nil
  }

  /// The recipe in which `name` runs at `place`, called `structure`.
  ///
  /// - Throws: `GuestBuildError.recipe` with the reason when the service cannot be there.
  public func moving(_ name: String, to place: Placement, structure: String) throws(GuestBuildError) -> Recipe {
    func refuse(_ problem: String, _ hint: String) -> GuestBuildError {
      .recipe(name: self.structure, problem: problem, hint: hint)
    }
    let movable = "\(Self.movableServices.joined(separator: ", ")) can be moved"
    guard let service = MovableService.all.first(where: { $0.name == name }) else {
      throw refuse(Self.reasonAgainst(name, to: place), movable)
    }
    guard hasBoundary else {
      throw refuse(
        "there is no boundary in it that \(name) could cross: programs and services share one address space",
        "`move` works in the structures whose kernel keeps programs apart from services")
    }
    guard let now = placement(of: name) else {
      throw refuse(
        "it has no \(name)",
        "it has \(Self.movableServices.filter { placement(of: $0) != nil }.joined(separator: ", "))")
    }
    guard now != place else {
      throw refuse("\(name) is already in \(place == .kernel ? "the kernel" : "user mode")", "move it the other way")
    }
    var moved = self
    moved.structure = structure
    for service in [service] + MovableService.all.filter({ $0.name == service.companion }) {
      switch place {
      case .user: moved.takeOut(service)
      case .kernel: moved.takeIn(service)
      }
    }
    moved.bind()
    try moved.validate(name: structure)
    return moved
  }

  /// Whether programs reach services through a kernel, so that a service can be on either side of it.
  private var hasBoundary: Bool {
    kernel.contains { $0.folder == "Cores/mono" || $0.folder == "Cores/micro" }
  }

  /// Why a service that is no movable one stays where it is.
  private static func reasonAgainst(_ name: String, to place: Placement) -> String {
    switch name {
    case "sched":
      "sched cannot be moved: it decides who runs next, and in a task of its own it would have to run to say so"
    case "vm":
      "vm cannot be moved: kernel code that copies a program's bytes calls it for missing pages, and cannot wait there"
    case "pm":
      "pm cannot be moved: it ends tasks, and the kernel asks it while a task is on its way out"
    case "loader", "reinc":
      "\(name) cannot be moved: it starts the services of user mode, so it has to be there before any of them"
    case "unix":
      "unix cannot be moved: where system calls become service calls is what tells these structures apart"
    default:
      "there is no service \(name)"
    }
  }

  private mutating func takeOut(_ service: MovableService) {
    guard let component = service.component(in: kernel) else { return }
    kernel.removeAll { $0 == component }
    let objects =
      [
        ObjectReference(kind: .runtime, folder: "Runtime/start"),
        ObjectReference(kind: .runtime, folder: "Runtime/memory"),
        ObjectReference(kind: .stub, folder: "Transport/kernel-calls"),
        ObjectReference(kind: .server, folder: "Transport/env-server"), component, service.server,
      ] + service.calls.map { ObjectReference(kind: .stub, folder: "Transport/\($0)-stub") }
    servers.append(
      Server(
        name: service.name, objects: objects, calls: service.calls + service.notifies, device: service.device))
  }

  private mutating func takeIn(_ service: MovableService) {
    guard let index = servers.firstIndex(where: { service.component(in: $0.objects) != nil }),
      let component = service.component(in: servers[index].objects)
    else { return }
    servers.remove(at: index)
    kernel.append(component)
  }

  /// Makes everything else follow from where the movable services are.
  private mutating func bind() {
    let movable = MovableService.all
    if servers.allSatisfy({ $0.name == "reinc" }) {
      servers = []
    } else if !servers.contains(where: { $0.name == "reinc" }) {
      servers.insert(Self.reincarnation, at: 0)
    }
    let residents = movable.filter { $0.component(in: kernel) != nil }
    let callers = Set(calls + servers.flatMap(\.calls))
    let hasSystemCalls = kernel.contains { $0.folder == "Cores/mono" }

    let bound: Set = [
      "Kernel/messages", "Kernel/calls", "Kernel/no-messages", "Kernel/residents", "Kernel/no-residents",
      "Transport/reinc-stub",
    ]
    let ways = Set(movable.flatMap { [$0.stub, $0.server] })
    kernel.removeAll { bound.contains($0.folder) || ways.contains($0) }
    var parts = servers.isEmpty ? ["no-messages"] : ["messages", "calls"]
    let needsResidents = hasSystemCalls || !residents.isEmpty
    parts.append(needsResidents ? "residents" : "no-residents")
    let place = kernel.firstIndex { $0.folder == "Kernel/nucleus" }.map { $0 + 1 } ?? kernel.count
    kernel.insert(contentsOf: parts.map { ObjectReference(kind: .kernel, folder: "Kernel/\($0)") }, at: place)
    if needsResidents {
      let outside = movable.filter { $0.component(in: kernel) == nil }
      kernel += outside.map(\.stub)
      if !outside.isEmpty { kernel.append(ObjectReference(kind: .stub, folder: "Transport/reinc-stub")) }
    }
    kernel += residents.filter { callers.contains($0.name) }.map(\.server)
  }

  /// The server that starts all others, as a structure without it gets it.
  private static var reincarnation: Server {
    Server(
      name: "reinc",
      objects: [
        ObjectReference(kind: .runtime, folder: "Runtime/start"),
        ObjectReference(kind: .runtime, folder: "Runtime/memory"),
        ObjectReference(kind: .stub, folder: "Transport/kernel-calls"),
        ObjectReference(kind: .server, folder: "Transport/env-server"),
        ObjectReference(kind: .service, folder: "Components/reinc"),
        ObjectReference(kind: .kernel, folder: "Components/loader"),
        ObjectReference(kind: .stub, folder: "Transport/pm-stub"),
        ObjectReference(kind: .stub, folder: "Transport/fs-stub"),
      ], manages: ["tasks", "memory"])
  }
}
