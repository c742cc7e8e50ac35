// swift-tools-version: 6.2
// Kernelarium: five kinds of operating-system kernel on an emulated RISC-V machine, behind one command line.

import PackageDescription

/// The instruction set and the machine run guests, so their speed is part of the product in every configuration.
let alwaysOptimised: [SwiftSetting] = [.unsafeFlags(["-O"])]

/// Guest sources see GuestABI without an import: in guests it is compiled into the same module.
let withGuestABI: [SwiftSetting] = [.unsafeFlags(["-Xfrontend", "-import-module", "-Xfrontend", "GuestABI"])]

let package = Package(
  name: "Kernelarium",
  products: [
    .executable(name: "kernelarium", targets: ["Kernelarium"])
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // The machine.
    .target(name: "RISCV", swiftSettings: alwaysOptimised),
    .target(name: "Machine", dependencies: ["RISCV"], swiftSettings: alwaysOptimised),

    // The guests: compiled by the plugin through `guest-builder`, never a host target.
    .target(name: "GuestABI"),
    .target(name: "GuestBuilder", dependencies: ["GuestABI"]),
    .executableTarget(name: "guest-builder", dependencies: ["GuestBuilder"]),
    .plugin(
      name: "BuildGuests", capability: .buildTool(), dependencies: ["guest-builder"],
      path: "Sources/Plugins/BuildGuests"),
    .target(name: "GuestImages", dependencies: ["GuestBuilder"], plugins: ["BuildGuests"]),

    // Experiments, lessons and the program.
    .target(name: "Lab", dependencies: ["RISCV", "Machine", "GuestABI", "GuestBuilder", "GuestImages"]),
    .target(name: "Lessons", dependencies: ["Lab", "CMark", .product(name: "Yams", package: "Yams")]),
    .systemLibrary(name: "CEditLine", pkgConfig: "libedit", providers: [.apt(["libedit-dev"])]),
    .systemLibrary(name: "CMark", pkgConfig: "libcmark", providers: [.apt(["libcmark-dev"])]),
    .executableTarget(
      name: "Kernelarium",
      dependencies: [
        "RISCV", "Machine", "GuestABI", "GuestImages", "Lab", "Lessons", "CEditLine",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Guest components whose sources also make sense on the host, for their tests only.
    .systemLibrary(name: "Interfaces", path: "Sources/Guests/Interfaces"),
    .target(
      name: "GuestSched", dependencies: ["Interfaces"], path: "Sources/Guests/Components/sched"),
    .target(
      name: "GuestUnix", dependencies: ["Interfaces", "GuestABI"], path: "Sources/Guests/Components/unix",
      swiftSettings: withGuestABI),
    .target(
      name: "GuestNet", dependencies: ["Interfaces", "GuestABI"], path: "Sources/Guests/Components/net",
      swiftSettings: withGuestABI),
    .target(name: "GuestLineDiscipline", path: "Sources/Guests/Components/con/LineDiscipline"),
    .target(
      name: "GuestSupport", dependencies: ["GuestABI"], path: "Sources/Guests/Support/Text",
      swiftSettings: withGuestABI),
    .testTarget(
      name: "GuestComponentTests",
      dependencies: [
        "GuestSched", "GuestUnix", "GuestNet", "GuestLineDiscipline", "GuestSupport", "GuestABI", "Interfaces",
        "Machine",
      ]),

    // This machine's side of the differential tests.
    .executableTarget(
      name: "machine-blocks", dependencies: ["Machine"], path: "Tests/Differential/machine-blocks"),

    .testTarget(name: "RISCVTests", dependencies: ["RISCV"]),
    .testTarget(name: "MachineTests", dependencies: ["Machine", "RISCV"]),
    .testTarget(name: "GuestBuilderTests", dependencies: ["GuestBuilder", "GuestABI", "GuestImages"]),
    .testTarget(name: "LabTests", dependencies: ["Lab", "RISCV", "Machine", "GuestABI", "GuestBuilder"]),
    .testTarget(name: "LessonsTests", dependencies: ["Lessons"]),
    .testTarget(name: "KernelariumTests", dependencies: ["Kernelarium"]),
  ],
  swiftLanguageModes: [.v6]
)
