// A small tree of guest sources in a temporary folder, and a toolchain to build it with.

import Foundation
@testable import GuestBuilder

/// Guest sources for one test; the folder is removed at the end.
final class Fixture {
  let root: URL
  let toolchain: Toolchain

  init() throws {
    root = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appendingPathComponent("guest-builder-tests-\(UUID().uuidString)")
    toolchain = try Toolchain.discover(searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "")
    for (path, text) in Self.sources { try write(text, to: path) }
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  var tree: GuestTree {
    GuestTree(guests: root.appendingPathComponent("Guests"), abi: root.appendingPathComponent("GuestABI"))
  }

  var compiler: ObjectCompiler { ObjectCompiler(toolchain: toolchain, tree: tree, work: work) }
  var linker: ImageLinker { ImageLinker(toolchain: toolchain, work: work) }
  var work: URL { root.appendingPathComponent("work") }

  func write(_ text: String, to path: String) throws {
    let url = root.appendingPathComponent(path)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func link(_ recipe: Recipe) throws -> LinkedImage {
    try linker.link(recipe, objects: try compiler.compile(recipe.objects))
  }

  static func read(_ url: URL) throws -> ObjectFile {
    try ObjectFile([UInt8](try Data(contentsOf: url)), name: url.lastPathComponent)
  }

  static let kernel = ObjectReference(kind: .runtime, folder: "Runtime/kernel")
  static let start = ObjectReference(kind: .runtime, folder: "Runtime/start")
  static let driver = ObjectReference(kind: .driver, folder: "Components/adder")

  /// The driver in the kernel.
  static let inside = Recipe(
    structure: "inside", kernel: [kernel, driver], library: [start], programs: ["Programs/hello", "Programs/quiet"])
  /// The driver in a program of its own.
  static let outside = Recipe(
    structure: "outside", kernel: [kernel, ObjectReference(kind: .stub, folder: "Transport/adder-stub")],
    library: [start],
    servers: [Recipe.Server(name: "adder", objects: [start, driver, server], service: "kv", calls: ["fs", "blk"])],
    programs: ["Programs/hello"])

  private static let server = ObjectReference(kind: .server, folder: "Transport/adder-server")

  private static let sources = [
    "Guests/Interfaces/module.modulemap": "module Interfaces { header \"adder.h\" export * }",
    "Guests/Interfaces/adder.h": """
    #pragma once
    #include <stdint.h>
    uint64_t adder_add(uint64_t left, uint64_t right);
    uint64_t adder_unused(uint64_t value);
    uint64_t adder_scale(uint64_t value);
    uint64_t program_main(uint64_t argument);
    """,
    "Guests/Support/Helpers.swift": "func doubled(_ value: UInt64) -> UInt64 { value &+ value }",
    "GuestABI/Numbers.swift": "enum Numbers { static var step: UInt64 { 3 } }",
    "Guests/Runtime/include/shared.h": "enum { SHARED_VALUE = 7 };",
    "Guests/Runtime/kernel/reset.S": """
    .section .text.reset, "ax", @progbits
    .globl reset
    .type reset, @function
    reset:
      la sp, boot_stack_top
      call kernel_main
    1: j 1b
    .size reset, . - reset
    .section .taskrecords, "aw", @nobits
    .globl task_records
    task_records: .zero 2304
    .section .bss.boot_stack, "aw", @nobits
    .zero 4096
    boot_stack_top:
    """,
    "Guests/Runtime/kernel/main.c": """
    #include "adder.h"
    #include "shared.h"
    static uint64_t counter;
    uint64_t kernel_limit = 1000;
    static const uint64_t primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23};
    __attribute__((weak)) uint64_t shared_by_accident(void) { return 1; }
    uint64_t adder_scale(uint64_t value) { return value * primes[value % 9]; }
    uint64_t kernel_main(void) {
      counter += shared_by_accident();
      return adder_add(counter, kernel_limit) + SHARED_VALUE;
    }
    """,
    "Guests/Runtime/start/start.c": """
    #include "adder.h"
    void program_start(uint64_t argument);
    void program_start(uint64_t argument) { program_main(argument); for (;;) {} }
    uint64_t adder_scale(uint64_t value) { return value; }
    """,
    "Guests/Components/adder/Adder.swift": """
    import Interfaces

    enum Refusal: Error { case zero }

    @inline(never) func halved(_ value: UInt64) throws(Refusal) -> UInt64 {
      guard value > 0 else { throw .zero }
      return value / 2
    }

    @c @implementation public func adder_add(_ left: UInt64, _ right: UInt64) -> UInt64 {
      do { return try halved(adder_scale(left)) + doubled(right) + Numbers.step } catch { return 0 }
    }

    @c @implementation public func adder_unused(_ value: UInt64) -> UInt64 { value }
    """,
    "Guests/Transport/adder-stub/stub.c": """
    #include "adder.h"
    uint64_t adder_add(uint64_t left, uint64_t right) { return left ^ right; }
    """,
    "Guests/Transport/adder-server/server.c": """
    #include "adder.h"
    uint64_t program_main(uint64_t argument) { return adder_add(argument, 1); }
    """,
    "Guests/Programs/hello/hello.c": """
    #include "adder.h"
    static const char text[] = "Hello from a program";
    static uint64_t calls = 5;
    static uint64_t table[1024];
    uint64_t program_main(uint64_t argument) {
      calls += argument;
      table[argument % 1024] = calls;
      return text[argument % sizeof text] + table[calls % 1024];
    }
    """,
    "Guests/Programs/quiet/quiet.c": """
    #include "adder.h"
    uint64_t program_main(uint64_t argument) { return argument; }
    """,
  ]
}
