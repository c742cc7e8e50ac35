// Recipes: what they say, and that a mistake in one is named.

import Foundation
import Testing

@testable import GuestBuilder

@Suite struct RecipeTests {
  private let text = """
    {
      "structure": "demo",
      "kernel": [{"runtime": "Runtime/kernel"}, {"driver": "Components/blk"}],
      "library": [{"runtime": "Runtime/user"}, {"stub": "Transport/fs-stub"}],
      "servers": [{"name": "fs", "objects": [{"runtime": "Runtime/user"}, {"service": "Components/fs"}]}],
      "programs": ["Programs/agent", "Programs/ls"]
    }
    """

  private func problemIn(_ json: String) -> String? {
    do throws(GuestBuildError) {
      _ = try Recipe(json: Data(json.utf8), name: "demo.json")
      return nil
    } catch {
      return error.description
    }
  }

  private func problemAfter(replacing old: String, with new: String) throws -> String {
    try #require(text.contains(old))
    return try #require(problemIn(text.replacing(old, with: new)))
  }

  @Test func serversComeFirstAndProgramsGetTheLibrary() throws {
    let recipe = try Recipe(json: Data(text.utf8), name: "demo.json")
    #expect(recipe.programImages.map(\.name) == ["fs", "agent", "ls"])
    #expect(recipe.programImages[0].objects.map(\.name) == ["user", "fs"])
    #expect(recipe.programImages[2].objects.map(\.name) == ["user", "fs-stub", "ls"])
    #expect(recipe.programImages[2].objects.map(\.kind) == [.runtime, .stub, .program])
    #expect(recipe.objects.map(\.name) == ["kernel", "blk", "user", "fs", "fs-stub", "agent", "ls"])
  }

  @Test func aRecipeSurvivesEncoding() throws {
    let recipe = try Recipe(json: Data(text.utf8), name: "demo.json")
    #expect(try Recipe(json: try JSONEncoder().encode(recipe), name: "again") == recipe)
  }

  @Test func anUnknownFieldIsNamed() throws {
    let problem = try problemAfter(replacing: "\"library\"", with: "\"libary\"")
    #expect(problem.contains("demo.json") && problem.contains("unknown field \"libary\""))
  }

  @Test func anUnknownFieldOfAServerIsNamedWithItsPlace() throws {
    let problem = try problemAfter(replacing: "\"objects\"", with: "\"parts\"")
    #expect(problem.contains("servers[0]: unknown field \"parts\""))
  }

  @Test func anUnknownKindIsNamedWithItsPlace() throws {
    let problem = try problemAfter(replacing: "{\"driver\"", with: "{\"diver\"")
    #expect(problem.contains("kernel[1]: unknown kind \"diver\"") && problem.contains("driver"))
  }

  @Test func aMissingFieldIsNamed() throws {
    #expect(try problemAfter(replacing: "\"structure\": \"demo\",", with: "").contains("\"structure\" is missing"))
  }

  @Test func brokenJSONIsNamedWithItsLine() throws {
    #expect(try problemAfter(replacing: "\"demo\",", with: "\"demo\"").contains("line 3"))
  }

  @Test func anObjectWithTwoKindsIsRefused() throws {
    let problem = try problemAfter(
      replacing: "{\"service\": \"Components/fs\"}", with: "{\"service\": \"a\", \"driver\": \"b\"}")
    #expect(problem.contains("exactly one field"))
  }

  @Test(arguments: [
    ("\"Components/blk\"", "\"Runtime/kernel\"", "is called"),
    ("{\"driver\": \"Components/blk\"}", "{\"runtime\": \"Runtime/kernel\"}", "is in the image kernel twice"),
    ("\"Components/blk\"", "\"Old/kernel\"", "would both be the object kernel"),
    ("\"Components/blk\"", "\"../blk\"", "is not a folder under Sources/Guests"),
    ("\"Components/blk\"", "\"/tmp/blk\"", "is not a folder under Sources/Guests"),
    ("\"Components/blk\"", "\"Components/Blk\"", "has no plain name"),
    ("\"Components/blk\"", "\"Runtime/kernel/inner\"", "lies inside the object Runtime/kernel"),
    ("\"Programs/ls\"", "\"Programs/agent\"", "two programs called agent"),
    ("\"Programs/ls\"", "\"Programs/a-very-long-name\"", "cannot be a program's name"),
    ("\"name\": \"fs\"", "\"name\": \"f s\"", "cannot be a program's name"),
    ("\"demo\"", "\"De mo\"", "the structure's name"),
  ]) func aMistakeIsNamed(old: String, new: String, expected: String) throws {
    let problem = try problemAfter(replacing: old, with: new)
    #expect(problem.contains(expected), "\(problem)")
  }
}
