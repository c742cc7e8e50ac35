// Moving services across the boundary, on the recipes that are in the package.

import Foundation
import Testing

@testable import GuestBuilder

@Suite struct RecipePlacementTests {
  private static func recipe(_ structure: String) throws -> Recipe {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Sources/Guests/Structures/\(structure).json")
    return try Recipe(json: try Data(contentsOf: file), name: structure)
  }

  @Test(arguments: ["monolithic", "hybrid", "micro"], Recipe.movableServices)
  func aServiceMovedThereAndBackLeavesTheRecipeAsItWas(structure: String, service: String) throws {
    let recipe = try Self.recipe(structure)
    let place = try #require(recipe.placement(of: service))
    let other: Placement = place == .user ? .kernel : .user
    let moved = try recipe.moving(service, to: other, structure: "there")
    #expect(moved.placement(of: service) == other)
    // The network service and its driver are always on the same side.
    let together = ["net", "nic"].contains(service) ? ["net", "nic"] : [service]
    for unmoved in Recipe.movableServices where !together.contains(unmoved) {
      #expect(moved.placement(of: unmoved) == recipe.placement(of: unmoved))
    }
    let back = try moved.moving(service, to: place, structure: structure)
    #expect(Set(back.kernel) == Set(recipe.kernel))
    #expect(Set(back.servers.map(\.name)) == Set(recipe.servers.map(\.name)))
    for server in recipe.servers {
      let same = try #require(back.servers.first { $0.name == server.name })
      #expect(same.rights.words == server.rights.words && Set(same.objects) == Set(server.objects))
    }
  }

  @Test func aKernelWithoutServersHasNoMessages() throws {
    let monolithic = try Self.recipe("monolithic")
    let folders = Set(monolithic.kernel.map(\.folder))
    #expect(folders.contains("Kernel/no-messages") && !folders.contains("Kernel/messages"))
    let moved = try monolithic.moving("fs", to: .user, structure: "moved")
    let after = Set(moved.kernel.map(\.folder))
    #expect(after.contains("Kernel/messages") && !after.contains("Kernel/no-messages"))
    // The file system's server calls the driver that stayed behind.
    #expect(after.contains("Transport/blk-server") && after.contains("Transport/fs-stub"))
    #expect(moved.servers.map(\.name) == ["reinc", "fs"])
  }

  @Test(arguments: [
    ("monolithic", "sched", Placement.user, "decides who runs next"),
    ("monolithic", "vm", .user, "missing pages"),
    ("micro", "pm", .kernel, "ends tasks"),
    ("monolithic", "fs", .kernel, "already in the kernel"),
    ("micro", "fs", .user, "already in user mode"),
    ("micro", "fz", .user, "no service fz"),
  ])
  func whatCannotBeMovedIsRefusedWithTheReason(
    structure: String, service: String, place: Placement, reason: String
  ) throws {
    let recipe = try Self.recipe(structure)
    let error = #expect(throws: GuestBuildError.self) {
      try recipe.moving(service, to: place, structure: "moved")
    }
    #expect("\(try #require(error))".contains(reason))
  }
}
