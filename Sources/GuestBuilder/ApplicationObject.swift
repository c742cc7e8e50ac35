// What a kernel with an application of its own is told of it when it is linked: its name and its arguments.
//
// The layout is `application_description` in Sources/Guests/Cores/uni/include/uni.h.

import Foundation

/// A small object that is made for one image.
struct ApplicationObject {
  /// Its name, which marks its sections as a component's name does.
  static let name = "application"

  /// The application's name, at most 15 bytes.
  var name: String
  /// Its argument string.
  var arguments: String

  /// Assembles the object, unless it is there already.
  func assemble(
    toolchain: Toolchain, cache: BuildCache, folder: String
  ) throws(GuestBuildError) -> CompiledObject {
    let source = try cache.url("\(folder)/application.S")
    let object = try cache.url("\(folder)/application.o")
    var hash = InputHash()
    hash.add(toolchain.identity)
    hash.add(assembly)
    let compiled = CompiledObject(name: Self.name, file: object, hash: hash)
    guard !cache.isCurrent(object, hash) else { return compiled }
    try writeFile(Data(assembly.utf8), to: source)
    try ToolRun(
      executable: toolchain.clang,
      arguments: [
        "--target=riscv64-none-elf", "-march=rv64imac_zicsr_zifencei", "-mabi=lp64", "-mno-relax", "-c", source.path,
        "-o", object.path,
      ],
      subject: "the application's description"
    ).run(log: try cache.url("\(folder)/log"))
    try cache.markCurrent(object, hash)
    return compiled
  }

  private var assembly: String {
    let text = Array(arguments.utf8)
    let padded = Array(name.utf8) + [UInt8](repeating: 0, count: 16 - name.utf8.count)
    return """
      .section .rodata.\(Self.name), "a", @progbits
      .balign 8
      description:
        .byte \(padded.map(String.init).joined(separator: ", "))
        .quad \(text.count)
        .byte \((text + [0]).map(String.init).joined(separator: ", "))

      .section .text.\(Self.name), "ax", @progbits
      .globl linked_application
      .type linked_application, @function
      linked_application:
        lla a0, description
        ret
      .size linked_application, . - linked_application

      """
  }
}
