// The network on the real kernels: programs that use it, the built-in host that uses them, and two systems on one switch.

import GuestABI
import Testing

@testable import Lab
@testable import Machine

private let structures = ["monolithic", "micro", "hybrid", "exo"]

private func boot(_ structure: String, network: BootRequest.Network = .builtIn) throws -> System {
  let laboratory = Laboratory()
  var request = BootRequest(structure: structure)
  request.network = network
  _ = try laboratory.boot(request)
  return try laboratory.current()
}

/// Starts a program that goes on running.
private func spawn(_ system: System, _ program: String, _ arguments: String) throws -> Int64 {
  let task = try #require(try system.call(.spawn, [.text(program), .text(arguments)]).returned)
  try #require(task > 0)
  return task
}

@Test(arguments: structures) func theGuestFetchesFromTheBuiltInHost(structure: String) throws {
  let system = try boot(structure)
  let page = try system.run("fetch", arguments: "http://10.0.2.2/hello")
  #expect(page.exitStatus == 0 && page.output == "hello, guest\n")
  let missing = try system.run("fetch", arguments: "10.0.2.2/nothing")
  #expect(missing.exitStatus == 1 && missing.output.contains("the server has no such page"))
  let closed = try system.run("fetch", arguments: "http://10.0.2.2:81/hello")
  #expect(closed.output == "fetch: http://10.0.2.2:81/hello: connection refused\n")
  let wrong = try system.run("fetch", arguments: "http://10.0.2/hello")
  #expect(wrong.exitStatus == 1 && wrong.output.contains("not a location"))
}

@Test(arguments: structures) func theBuiltInHostFetchesFromTheGuest(structure: String) throws {
  let system = try boot(structure)
  let task = try spawn(system, "httpd", "80 3")
  let first = try system.fetchFromHost(path: "/")
  #expect(first.failure == nil && first.status == 200)
  #expect(first.body?.hasPrefix("<!doctype html>\n<title>The terrarium</title>\n") == true)
  #expect(first.counters.instructions > 0 && first.microseconds < 100_000)
  #expect(try system.fetchFromHost(path: "/nothing").status == 404)
  let last = try system.fetchFromHost(path: "/status")
  #expect(last.body == "2 requests answered, \((first.body?.utf8.count ?? 0) + 28) bytes sent\n")
  #expect(try system.call(.wait, [.number(task)]).returned == 0)
  #expect(
    system.report().console.hasSuffix(
      "httpd: http://10.0.2.15:80/\nGET / 200 OK 252\nGET /nothing 404 Not Found 28\nGET /status 200 OK 36\n"))
  let refused = try system.fetchFromHost(path: "/")
  // In exo the network is the application's: with it the only one is gone that answered to the address.
  #expect(
    refused.failure
      == (structure == "exo"
        ? "nobody has the address 10.0.2.15" : "the connection was refused: nobody listens on port 80"))
  #expect(throws: LabError.self) { try system.fetchFromHost(path: "no slash") }
}

@Test(arguments: structures) func echoesGoBothWays(structure: String) throws {
  let system = try boot(structure)
  let silent = try system.pingFromHost()
  #expect(silent.failure == "nobody has the address 10.0.2.15", "the guest does not use its network yet")
  let report = try system.run("ping", arguments: "10.0.2.2 2")
  #expect(report.exitStatus == 0)
  #expect(report.output.hasPrefix("echo 1 from 10.0.2.2: 2") && report.output.contains("2 sent, 2 received"))
  #expect(try system.call(.address).returned == 0x0A00_020F)
  let echo = try system.pingFromHost()
  // Twice the switch's 100 µs, and what the guest takes.
  #expect(echo.failure == nil && (200...400).contains(echo.microseconds))
  let lost = try system.run("ping", arguments: "10.0.2.99 1")
  #expect(lost.exitStatus == 1 && lost.output.contains("nobody answers to this address"))
}

@Test(arguments: structures) func withoutAnAdapterNothingHangs(structure: String) throws {
  let system = try boot(structure, network: .none)
  for (program, arguments) in [("fetch", "http://10.0.2.2/"), ("ping", "10.0.2.2"), ("httpd", "80 1")] {
    let report = try system.run(program, arguments: arguments)
    #expect(report.exitStatus == 1 && report.output.contains("no network adapter"), "\(report.output)")
  }
  #expect(try system.call(.connect, [.text("10.0.2.2"), .number(80)]).errno == "ENONET")
  #expect(throws: LabError.self) { try system.pingFromHost() }
}

@Test(arguments: structures) func aKilledServerFreesItsPort(structure: String) throws {
  let system = try boot(structure)
  let task = try spawn(system, "httpd", "80")
  #expect(try system.fetchFromHost(path: "/status").status == 200)
  #expect(try system.call(.kill, [.number(task)]).returned == 0)
  #expect(try system.call(.wait, [.number(task)]).returned == -1)
  let failure = try #require(try system.fetchFromHost(path: "/status").failure)
  #expect(structure == "exo" ? !failure.isEmpty : failure.contains("refused"), "\(failure)")
  _ = try spawn(system, "httpd", "80 1")
  #expect(try system.fetchFromHost(path: "/status").body == "0 requests answered, 0 bytes sent\n")
}

@Test(arguments: structures) func socketCallsSayWhatIsWrong(structure: String) throws {
  let system = try boot(structure)
  #expect(try system.call(.listen, [.number(0)]).errno == "EINVAL")
  #expect(try system.call(.listen, [.number(80)]).returned == 3)
  #expect(try system.call(.listen, [.number(80)]).errno == "EADDRINUSE")
  #expect(try system.call(.accept, [.number(1)]).errno == "EINVAL")
  #expect(try system.call(.seek, [.number(3), .number(0)]).errno == "EINVAL")
  #expect(try system.call(.close, [.number(3)]).returned == 0)
  #expect(try system.call(.connect, [.text("10.0.2.2"), .number(80)]).returned == 3)
  #expect(try system.call(.write, [.number(3), .text("GET /hello HTTP/1.0\r\n\r\n")]).returned == 23)
  #expect(try system.call(.read, [.number(3), .number(400)]).data?.hasSuffix("hello, guest\n") == true)
  #expect(try system.call(.read, [.number(3), .number(400)]).returned == 0)
  #expect(throws: LabError.self) { try system.call(.connect, [.text("10.0.2.256"), .number(80)]) }
}

@Test func microWithARestartedDriverStillServes() throws {
  let system = try boot("micro")
  _ = try spawn(system, "httpd", "80")
  #expect(try system.fetchFromHost(path: "/status").status == 200)
  let driver = try #require(system.tasks().tasks.first { $0.name == "nic" })
  #expect(driver.restarts == 0)
  _ = try system.inject("null-read", into: "nic")
  #expect(try system.fetchFromHost(path: "/status").status == 200)
  #expect(system.tasks().tasks.first { $0.name == "nic" }?.restarts == 1)
}

@Test func errandsAreReplayedExactly() throws {
  let system = try boot("monolithic")
  _ = try spawn(system, "httpd", "80 1")
  _ = try system.fetchFromHost(path: "/")
  let hash = system.machine.stateHash()
  let count = system.machine.instructionCount
  _ = try system.reverseStep(40_000)
  #expect(system.machine.instructionCount < count)
  while system.machine.instructionCount < count { _ = try system.continueRunning() }
  #expect(system.machine.stateHash() == hash)
}

@Test(arguments: structures) func theNetworkIsUsedEquallyInEqualRuns(structure: String) throws {
  func run() throws -> (HostReport, UInt64) {
    let system = try boot(structure)
    _ = try spawn(system, "httpd", "80 1")
    return (try system.fetchFromHost(path: "/"), system.machine.stateHash())
  }
  let first = try run()
  let second = try run()
  #expect(first.0 == second.0 && first.1 == second.1)
}
