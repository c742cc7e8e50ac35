// What is said about linking: sizes, what came in, what was left out, and why.
//
// Field names are part of the program's JSON output: add, never rename.

import GuestBuilder

/// Something that was decided when an image was linked.
public struct LinkDecision: Codable, Equatable, Sendable {
  /// The choice, such as `files`.
  public var choice: String
  /// What was chosen, such as `off`.
  public var value: String
  /// Why, when nobody asked for it.
  public var reason: String?
}

/// What `link` answers.
public struct LinkReport: Codable, Equatable, Sendable {
  /// The image's name, for `boot uni --app` and `vm start`.
  public var name: String
  /// The program in it.
  public var application: String
  /// Its argument string.
  public var arguments: String
  /// The structure.
  public var kernel: String
  /// What was chosen, in the order of the choices.
  public var decisions: [LinkDecision]
  /// Bytes that a loader copies into memory.
  public var imageBytes: UInt64
  /// The same for the same objects linked whole, nothing left out.
  public var wholeBytes: UInt64
  /// Functions in the image.
  public var functionsKept: Int
  /// Functions of the objects that are not in the image.
  public var functionsDropped: Int
  /// One row an object, in link order.
  public var components: [LinkedComponent]

  /// The part of the whole that was saved, in percent, rounded down.
  public var savedPercent: UInt64 { wholeBytes > imageBytes ? (wholeBytes - imageBytes) * 100 / wholeBytes : 0 }
}

/// A function that refers to another.
public struct LinkReferrer: Codable, Equatable, Sendable {
  /// The function.
  public var symbol: String
  /// Its component.
  public var component: String
  /// Whether it is in the image itself.
  public var kept: Bool
  /// Whether its call goes to a substitute instead, because the component is left out.
  public var redirected: Bool
}

/// What `link explain` answers.
public struct LinkExplanation: Codable, Equatable, Sendable {
  /// The image.
  public var image: String
  /// The symbol.
  public var symbol: String
  /// The component that defines it.
  public var component: String
  /// Whether it is in the image.
  public var kept: Bool
  /// From the image's first instruction to the symbol, each step referring to the next; empty when it was dropped.
  public var chain: [LinkStep]
  /// Who refers to it, when it was dropped.
  public var referrers: [LinkReferrer]
  /// In one sentence.
  public var reason: String
}

/// The images that were linked.
public struct LinkList: Codable, Equatable, Sendable {
  /// In the order of linking.
  public var images: [LinkReport]
}
