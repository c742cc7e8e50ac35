// Services on the other side of the boundary: the same objects, linked again, boot and give the same data, and what a
// driver's fault does follows from where it is.

import GuestABI
import Testing

@testable import Lab

private let text = "Every kernel is clear once you watch it through glass.\n"

@Test(arguments: [
  ("monolithic", ["fs", "blk"], "blk"), ("monolithic", ["con"], "con"), ("monolithic", ["net"], "nic"),
  ("micro", ["fs"], "blk"), ("micro", ["net"], "nic"), ("hybrid", ["blk"], "blk"), ("hybrid", ["con"], "con"),
])
func movedServicesGiveTheSameDataAndFailWhereTheyAre(
  structure: String, services: [String], driver: String
) throws {
  let laboratory = Laboratory()
  var name = structure
  for service in services {
    let place = try #require(try laboratory.design(name).services.first { $0.service == service }?.place)
    name = try laboratory.move(service, to: place == .kernel ? .user : .kernel, in: name).structure
  }
  _ = try laboratory.boot(BootRequest(structure: name))
  let system = try laboratory.current()
  #expect(try system.run("cat", arguments: "/etc/motd").output == text)
  let (program, line, expected) = request(of: driver)

  let isInKernel = system.image.manifest.components.contains {
    $0.name == driver && $0.kind == "driver" && $0.image == system.image.kernel.name
  }
  _ = try system.inject("null-read", into: driver)
  let report = try system.run(program, arguments: line)
  if isInKernel {
    #expect(system.state == .panicked)
    #expect(system.report().panic?.location.component == driver)
  } else {
    #expect(system.state == .running)
    #expect(report.exitStatus == 0 && report.output.contains(expected), "the request is repeated: \(report.output)")
    #expect(system.tasks().tasks.first { $0.name == driver }?.restarts == 1)
  }
}

/// What makes a driver work, and part of what it prints.
private func request(of driver: String) -> (program: String, arguments: String, output: String) {
  switch driver {
  case "con": ("echo", "hi", "hi")
  case "nic": ("ping", "10.0.2.2 1", "1 received")
  default: ("cat", "/home/guest/garden/fern", "fern")
  }
}
