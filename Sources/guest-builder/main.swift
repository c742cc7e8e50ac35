// The program that the build plugin runs: compiles and links all guests.

import Foundation
import GuestBuilder

/// What the command line says.
struct Options {
  /// Something that is missing or unknown on the command line.
  struct Misuse: Error {
    var problem: String
  }

  static let usage = """
    usage: guest-builder --guests FOLDER --abi FOLDER --disk FOLDER --work FOLDER --output FOLDER
                         --swiftc FILE --clang FILE --linker FILE --objcopy FILE --archiver FILE [RECIPE…]
    """

  var builder: StructureBuilder
  var disk: URL
  var output: URL
  var recipes: [URL]

  init(_ arguments: some Sequence<String>) throws(Misuse) {
    var values: [String: String] = [:]
    var recipes: [URL] = []
    var iterator = arguments.makeIterator()
    while let argument = iterator.next() {
      if argument.hasPrefix("--") {
        guard let value = iterator.next() else { throw Misuse(problem: "\(argument) needs a value") }
        values[String(argument.dropFirst(2))] = value
      } else {
        recipes.append(URL(fileURLWithPath: argument))
      }
    }
    func option(_ name: String) throws(Misuse) -> String {
      guard let value = values.removeValue(forKey: name) else { throw Misuse(problem: "--\(name) is missing") }
      return value
    }
    func folder(_ name: String) throws(Misuse) -> URL { URL(fileURLWithPath: try option(name)) }

    builder = StructureBuilder(
      toolchain: Toolchain(
        swiftc: try option("swiftc"), clang: try option("clang"), linker: try option("linker"),
        objcopy: try option("objcopy"), archiver: try option("archiver")),
      tree: GuestTree(guests: try folder("guests"), abi: try folder("abi")), work: try folder("work"))
    disk = try folder("disk")
    output = try folder("output")
    self.recipes = recipes
    if let unknown = values.keys.sorted().first { throw Misuse(problem: "there is no option --\(unknown)") }
  }
}

func fail(_ message: String, status: Int32) -> Never {
  FileHandle.standardError.write(Data("error: \(message)\n".utf8))
  exit(status)
}

do throws(Options.Misuse) {
  let options = try Options(CommandLine.arguments.dropFirst())
  do throws(GuestBuildError) {
    try options.builder.build(recipes: options.recipes, disk: options.disk, output: options.output)
  } catch {
    fail(error.description, status: 1)
  }
} catch {
  fail("\(error.problem)\n\(Options.usage)", status: 2)
}
