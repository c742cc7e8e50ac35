// The rights that a recipe gives: names of services and devices, turned into what the boot archive carries.
//
// Nothing here may give a right that the recipe does not spell out.

import GuestABI

extension Recipe.Server {
  /// The rights as the boot archive carries them; a name that means nothing gives none.
  var rights: ArchiveRights {
    var rights = ArchiveRights()
    rights.service = Service(name: service ?? name).map { UInt32($0.rawValue) } ?? 0
    rights.device = device.flatMap(DeviceKind.init(name:)).map { UInt32($0.rawValue) } ?? 0
    rights.calls = Recipe.mask(of: calls)
    var flags: ArchiveFlags = []
    if manages.contains("tasks") { flags.insert(.managesTasks) }
    if manages.contains("memory") { flags.insert(.managesMemory) }
    if onDemand { flags.insert(.onDemand) }
    rights.flags = flags.rawValue
    return rights
  }
}

extension Recipe {
  /// One bit a service.
  static func mask(of services: [String]) -> UInt64 {
    services.compactMap(Service.init(name:)).reduce(0) { $0 | 1 << $1.rawValue }
  }

  /// What an administrator may rule that is no service: the kernel's modules.
  static let modulesName = "modules"

  /// What a program may administer, as the boot archive carries it: one bit a service, bit 0 for modules.
  func administration(of program: String) -> UInt64 {
    let ruled = administrators[program] ?? []
    return Self.mask(of: ruled) | (ruled.contains(Self.modulesName) ? 1 : 0)
  }

  /// Refuses names of services, devices and managers that do not exist.
  func validateRights(name: String) throws(GuestBuildError) {
    func fail(_ problem: String, _ known: [String]) -> GuestBuildError {
      .recipe(name: name, problem: problem, hint: "there are \(known.joined(separator: ", "))")
    }
    for service in calls + servers.flatMap({ [$0.service].compactMap(\.self) + $0.calls })
    where Service(name: service) == nil {
      throw fail("there is no service \(service)", Service.allCases.map(\.name))
    }
    for server in servers {
      // One without rights is only a program that is linked with objects of its own.
      let hasRights = server.device != nil || !server.calls.isEmpty || !server.manages.isEmpty
      if server.service == nil, Service(name: server.name) == nil, hasRights {
        throw fail(
          "the server \(server.name) is called like no service, and does not say which it is (field service)",
          Service.allCases.map(\.name))
      }
      if let device = server.device, DeviceKind(name: device) == nil {
        throw fail("there is no kind of device \(device)", DeviceKind.allCases.map(\.name))
      }
      if let other = server.manages.first(where: { !["tasks", "memory"].contains($0) }) {
        throw fail("nobody manages \(other)", ["tasks", "memory"])
      }
    }
  }
}

extension ArchiveRights {
  /// The fields as the archive's bytes have them.
  var words: [UInt64] { [UInt64(service) | UInt64(device) << 32, calls, flags] }
}
