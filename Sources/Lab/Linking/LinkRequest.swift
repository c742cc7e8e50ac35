// What a student asks the linker for: an application, and choices about what comes with it.

import GuestBuilder

/// How an application is to be linked with the parts of a system.
public struct LinkRequest: Equatable, Sendable {
  /// The program's name, such as `hello`.
  public var application: String
  /// Choices by their names, such as `allocator` and `bump`; what is not named is left as it is.
  public var choices: [String: String]
  /// The application's argument string, which becomes part of the image.
  public var arguments: String
  /// The image's name; nil: the application's.
  public var name: String?

  /// A request with the usual choices.
  public init(application: String, choices: [String: String] = [:], arguments: String = "", name: String? = nil) {
    self.application = application
    self.choices = choices
    self.arguments = arguments
    self.name = name
  }
}

/// One thing that can be chosen when an image is linked.
public struct LinkChoice: Sendable {
  /// Its name, such as `allocator`.
  public let name: String
  /// What can be chosen, the usual value first, and what each means.
  public let values: [(value: String, meaning: String)]
  /// The objects that stand for the values, where a choice is one between objects.
  let objects: [String: String]

  private init(_ name: String, _ values: [(String, String)], objects: [String: String] = [:]) {
    self.name = name
    self.values = values
    self.objects = objects
  }

  /// All that there is to choose.
  public static let all: [LinkChoice] = [
    LinkChoice(
      "allocator",
      [("bitmap", "one bit a page; pages come back"), ("bump", "a pointer that only moves on")],
      objects: ["bitmap": "frames", "bump": "frames-bump"]),
    LinkChoice(
      "scheduler",
      [("wait", "the processor sleeps when the thread cannot go on"), ("poll", "it asks the devices again and again")],
      objects: ["wait": "uni-wait", "poll": "uni-poll"]),
    LinkChoice(
      "driver", [("virtio", "the virtio disk"), ("sdisk", "the simple disk")],
      objects: ["virtio": "blk", "sdisk": "sdisk"]),
    LinkChoice(
      "files",
      [
        ("auto", "only if the application opens any"), ("on", "the file system and the disk's driver"),
        ("off", "neither"),
      ]),
    LinkChoice(
      "network",
      [
        ("auto", "only if the application talks to any"), ("on", "the protocols and the adapter's driver"),
        ("off", "neither"),
      ]),
    LinkChoice(
      "eliminate", [("on", "what nothing reaches is left out"), ("off", "every object comes in whole")]),
    LinkChoice(
      "checks", [("on", "bounds and overflow are checked at run time"), ("off", "the same sources without the checks")]),
  ]
}

/// A group of components that an application can do without.
enum OptionalService: String, CaseIterable {
  case files
  case network

  var components: [String] {
    switch self {
    case .files: ["fs", "blk", "sdisk"]
    case .network: ["net", "nic", "uni-linger"]
    }
  }

  /// The library functions by which a program comes to need it; all others work on what these have given.
  var functions: [String] {
    switch self {
    case .files: ["open", "mkdir", "remove", "rename", "stat"].map { "sys_" + $0 }
    case .network: ["listen", "connect", "ping", "address"].map { "sys_" + $0 }
    }
  }
}
