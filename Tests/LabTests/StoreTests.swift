// Files, the block cache, services by name and modules, on the real kernels: the same output everywhere.

import GuestABI
import Testing

@testable import Lab

private func boot(_ structure: String) throws -> System {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure))
  return try laboratory.current()
}

extension System {
  /// What a program prints; its status is checked.
  fileprivate func output(
    _ program: String, _ arguments: String, status: Int64 = 0, at place: SourceLocation = #_sourceLocation
  ) throws -> String {
    let report = try run(program, arguments: arguments)
    #expect(report.exitStatus == status, "\(program) \(arguments): \(report.output)", sourceLocation: place)
    return report.output
  }
}

private let structures = ["monolithic", "micro", "hybrid"]
/// Those, and the one whose files are in each application's own library.
private let withFiles = structures + ["exo"]

@Test func fsbenchReadsBackWhatItWroteAndPrintsTheSameEverywhere() throws {
  let outputs = try withFiles.map { try boot($0).output("fsbench", "3 9000") }
  #expect(outputs[0].hasPrefix("3 files: 27000 bytes written, 27000 read back and equal; checksum "))
  #expect(Set(outputs).count == 1)
  let system = try boot("micro")
  _ = try system.output("fsbench", "2 100")
  #expect(try system.output("ls", "/tmp").isEmpty, "the files are removed")
  #expect(try system.output("fsbench", "0", status: 1) == "fsbench: 0: not a number of at least 1\n")
}

/// The misses that `cachescan` prints.
private func misses(_ line: String) throws -> Int {
  let words = line.split(whereSeparator: { " ,\n".contains($0) })
  let place = try #require(words.firstIndex(of: "misses"))
  return try #require(Int(words[place - 1]))
}

@Test(arguments: withFiles)
func keepingTheFirstBlocksBeatsKeepingTheLastOnScans(structure: String) throws {
  let system = try boot(structure)
  let lru = try system.output("cachescan", "lru 4")
  let mru = try system.output("cachescan", "mru 4")
  #expect(lru.hasPrefix("lru: 4 passes over 48 blocks, room for 32: "))
  #expect(try misses(lru) >= 4 * 48, "each block is gone by the time it is wanted")
  #expect(try misses(mru) < misses(lru) * 2 / 3)
  #expect(try system.call(.cachepolicy, [.number(0)]).returned == 0, "the policy is set back")
  #expect(try system.call(.cachepolicy, [.number(7)]).errno == "EINVAL")
  #expect(try system.call(.statistics, [.number(40)]).returned == 40)
  #expect(try system.output("cachescan", "fifo", status: 1).contains("lru or mru"))
}

/// What a session with the key-value service looks like, whoever runs it.
private func useKeyValueService(_ system: System) throws {
  #expect(try system.output("kvclient", "count") == "0 keys\n")
  #expect(try system.output("kvclient", "put fern green").isEmpty)
  #expect(try system.output("kvclient", "put moss 'soft and wet'").isEmpty)
  #expect(try system.output("kvclient", "put fern brown").isEmpty)
  #expect(try system.output("kvclient", "get fern") == "brown\n")
  #expect(try system.output("kvclient", "get moss") == "soft and wet\n")
  #expect(try system.output("kvclient", "count") == "2 keys\n")
  #expect(try system.output("kvclient", "delete fern").isEmpty)
  #expect(try system.output("kvclient", "get fern", status: 1) == "kvclient: fern: no such key\n")
  let descriptor = try #require(try system.call(.findservice, [.text("kv")]).returned)
  let report = try system.call(.callservice, [.number(descriptor), .number(1), .text("moss"), .number(64)])
  #expect(report.returned == 12 && report.data?.hasPrefix("soft and wet") == true)
  #expect(report.path.contains { $0.kind == .call && $0.component == "kv" && $0.name == "kv_get" })
  #expect(try system.call(.close, [.number(descriptor)]).returned == 0)
}

private let noService = "kvclient: kv: no such service runs: `service start kv`, or `module load kv` into the kernel\n"

@Test(arguments: ["monolithic", "hybrid"])
func aModuleJoinsTheRunningKernelAndLeavesIt(structure: String) throws {
  let system = try boot(structure)
  #expect(try system.output("kvclient", "count", status: 1) == noService)
  #expect(try system.output("module", "load nix", status: 1).contains("no such module"))
  #expect(try system.output("module", "unload kv", status: 1) == "module: kv: it is not loaded\n")
  let before = try #require(system.trustedBase().kernels.first)
  #expect(system.components().components.first { $0.name == "kv" }?.privilege == "-")
  #expect(try system.output("module", "load kv") == "kv loaded\n")
  #expect(try system.output("module", "load kv", status: 1) == "module: kv: it is loaded already\n")
  try useKeyValueService(system)
  let with = try #require(system.trustedBase().kernels.first)
  #expect(with.services == before.services + ["kv"] && with.privilegedBytes > before.privilegedBytes)
  #expect(system.components().components.first { $0.name == "kv" }?.privilege == "S")
  let regions = try system.regions(of: "agent").regions
  #expect(regions.contains { $0.owner == "kv text" && $0.permissions == "r-x" && $0.privilege == "S" })
  let descriptor = try #require(try system.call(.findservice, [.text("kv")]).returned)
  #expect(try system.output("module", "unload kv") == "kv unloaded\n")
  let stale = try system.call(.callservice, [.number(descriptor), .number(4), .text(""), .number(0)])
  #expect(stale.errno == "ENOENT")
  #expect(!(try system.regions(of: "agent").regions.contains { $0.owner == "kv text" }))
  #expect(system.trustedBase().kernels.first == before)
  #expect(try system.output("module", "load kv") == "kv loaded\n")
  #expect(try system.output("kvclient", "count") == "0 keys\n", "what it held went with it")
  let started = try system.output("service", "start kv", status: 1)
  #expect(started.contains(structure == "hybrid" ? "no server has this name" : "module load"))
}

@Test(arguments: ["monolithic", "hybrid"])
func onlyAnAdministratorsProgramTakesCodeIntoTheKernel(structure: String) throws {
  let system = try boot(structure)
  // The agent administers processes: it may start the program that may do it.
  #expect(try system.call(.loadmodule, [.text("kv")]).errno == "EPERM")
  #expect(try system.output("module", "load kv") == "kv loaded\n")
  #expect(try system.call(.unloadmodule, [.text("kv")]).errno == "EPERM")
  #expect(try system.output("kvclient", "count") == "0 keys\n")
}

@Test func aReplacedDriverDoesNotStumbleOverItsProbe() throws {
  let system = try boot("micro")
  for driver in ["nic", "blk", "con"] {
    let report = try system.run("service", arguments: "replace \(driver)")
    #expect(report.exitStatus == 0)
    #expect(report.events.map(\.kind) == [.restart], "\(driver)")
  }
}

@Test func aHybridKernelsUserModeDriverIsControlledFromAProgramAndTheRestIsNot() throws {
  let system = try boot("hybrid")
  let list = try system.output("service", "list")
  #expect(list.contains("con     running, restarted 0 times") && list.contains("linux   running"))
  #expect(try system.output("service", "replace con") == "con replaced\n")
  #expect(try system.output("service", "restart con") == "con restarted\n")
  #expect(system.tasks().tasks.first { $0.name == "con" }?.restarts == 2)
  #expect(try system.output("service", "stop con", status: 1).contains("cannot do without it"))
  #expect(try system.output("service", "restart linux", status: 1).contains("what its clients have open"))
  #expect(try system.output("service", "restart fs", status: 1).contains("what is in the kernel ends only with it"))
  let supervisor = try #require(try system.call(.findservice, [.text("reinc")]).returned)
  let restart = try system.call(.callservice, [.number(supervisor), .number(6), .text("con"), .number(80)])
  #expect(restart.errno == "EPERM", "the agent administers processes, not services")
  #expect(try system.output("cat", "/etc/motd") == "Every kernel is clear once you watch it through glass.\n")
}

@Test func aServiceIsStartedAskedAndStoppedWhileTheSystemRuns() throws {
  let system = try boot("micro")
  #expect(try system.output("kvclient", "count", status: 1) == noService)
  #expect(try system.output("service", "start kv") == "kv started\n")
  #expect(try system.output("service", "start kv", status: 1) == "service: kv: it runs already\n")
  try useKeyValueService(system)
  #expect(try system.regions(of: "kv").regions.contains { $0.owner == "kv text" && $0.privilege == "U" })
  #expect(try system.output("service", "restart kv") == "kv restarted\n")
  #expect(try system.output("kvclient", "count") == "0 keys\n", "a fresh one knows nothing")
  let descriptor = try #require(try system.call(.findservice, [.text("kv")]).returned)
  let nonsense = try system.call(.callservice, [.number(descriptor), .number(-1), .text("a"), .number(0)])
  #expect(nonsense.errno == "ENOSYS", "a label that means nothing harms nobody")
  #expect(try system.output("service", "stop kv") == "kv stopped\n")
  let stale = try system.call(.callservice, [.number(descriptor), .number(4), .text(""), .number(0)])
  #expect(stale.errno == "ENOENT", "the right went with the service")
  #expect(!system.tasks().tasks.contains { $0.name == "kv" })
  #expect(try system.output("service", "stop fs", status: 1).contains("cannot do without it"))
  #expect(try system.output("service", "restart fs", status: 1).contains("what its clients have open"))
  #expect(try system.output("service", "start x", status: 1).contains("no server has this name"))
  #expect(try system.output("module", "load kv", status: 1).contains("start a service instead"))
}

@Test func aDriverIsReplacedUnderLoadAndNoRequestIsLost() throws {
  let system = try boot("micro")
  let expected = try boot("micro").output("fsbench", "6 40000")
  let load = try #require(try system.call(.spawn, [.text("fsbench"), .text("6 40000")]).returned)
  var output = ""
  for verb in ["replace", "restart", "replace"] {
    output += try system.output("service", "\(verb) blk")
  }
  let end = try system.call(.wait, [.number(load)])
  #expect(end.returned == 0)
  #expect(system.tasks().tasks.first { $0.name == "blk" }?.restarts == 3)
  #expect(try system.output("fsbench", "6 40000") == expected)
}

@Test func onlyProgramsThatAnAdministratorStartsMayControlServices() throws {
  let system = try boot("micro")
  // The agent is an administrator of processes, not of services: it may find the supervisor, not command it.
  let supervisor = try #require(try system.call(.findservice, [.text("reinc")]).returned)
  let start = try system.call(.callservice, [.number(supervisor), .number(4), .text("kv"), .number(80)])
  #expect(start.errno == "EPERM")
  let report = try system.call(.callservice, [.number(supervisor), .number(1), .text(""), .number(0)])
  #expect(report.errno == "ESRCH", "nobody is restarted for a report of no service")
  #expect(try system.call(.findservice, [.text("blk")]).errno == "ENOENT", "a disk is not for everyone")
}

@Test(arguments: withFiles)
func theHardwareChangesAndOnlyTheDriverWithIt(structure: String) throws {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: structure, driver: "sdisk"))
  let system = try laboratory.current()
  #expect(system.machine.board.disk == nil && system.machine.board.simpleDisk != nil)
  #expect(try system.output("cat", "/etc/motd") == "Every kernel is clear once you watch it through glass.\n")
  #expect(try system.output("fsbench", "3 9000") == boot(structure).output("fsbench", "3 9000"))
  #expect(system.machine.board.simpleDisk?.changedSectors.isEmpty == false)
}

@Test func aUnikernelReadsFromTheSimpleDiskToo() throws {
  let laboratory = Laboratory()
  _ = try laboratory.boot(BootRequest(structure: "uni", driver: "sdisk"))
  let system = try laboratory.current()
  #expect(try system.call(.open, [.text("/etc/motd")]).returned == 3)
  #expect(try system.call(.read, [.number(3), .number(12)]).data == "Every kernel")
  #expect(system.machine.board.disk == nil)
}

@Test func aStructureThatCannotHaveTheDriverSaysSo() throws {
  #expect(throws: LabError.self) { try Laboratory().boot(BootRequest(structure: "micro", driver: "floppy")) }
}
