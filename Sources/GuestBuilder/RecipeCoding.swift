// How recipes are written as JSON: strictly, so that a misspelt field is an error and not silently left out.

import Foundation

/// Any field name.
private struct FieldName: CodingKey {
  var stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Decoder {
  /// Throws when the object has a field that `known` does not list.
  fileprivate func refuseFields(except known: [String]) throws {
    let container = try container(keyedBy: FieldName.self)
    for field in container.allKeys.map(\.stringValue).sorted() where !known.contains(field) {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: codingPath,
          debugDescription: "unknown field \"\(field)\"; expected \(known.joined(separator: ", "))"))
    }
  }
}

extension ObjectReference: Codable {
  /// Reads an object with one field, whose name is the kind.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: FieldName.self)
    let kinds = ComponentKind.allCases.map(\.rawValue).joined(separator: ", ")
    func fail(_ problem: String) -> DecodingError {
      .dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: problem))
    }
    guard let field = container.allKeys.first, container.allKeys.count == 1 else {
      throw fail("an object has exactly one field: its kind (\(kinds)) with its folder")
    }
    guard let kind = ComponentKind(rawValue: field.stringValue) else {
      throw fail("unknown kind \"\(field.stringValue)\"; kinds are \(kinds)")
    }
    self.init(kind: kind, folder: try container.decode(String.self, forKey: field))
  }

  /// Writes the same form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: FieldName.self)
    try container.encode(folder, forKey: FieldName(stringValue: kind.rawValue))
  }
}

extension Recipe {
  enum CodingKeys: String, CodingKey, CaseIterable {
    case structure, kernel, library, variants, calls, servers, programs, foreign, modules, administrators, alternatives,
      together
  }

  /// Reads a recipe; all but `structure` and `kernel` may be left out.
  public init(from decoder: any Decoder) throws {
    try decoder.refuseFields(except: CodingKeys.allCases.map(\.rawValue))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      structure: try container.decode(String.self, forKey: .structure),
      kernel: try container.decode([ObjectReference].self, forKey: .kernel),
      library: try container.decodeIfPresent([ObjectReference].self, forKey: .library) ?? [],
      calls: try container.decodeIfPresent([String].self, forKey: .calls) ?? [],
      servers: try container.decodeIfPresent([Server].self, forKey: .servers) ?? [],
      programs: try container.decodeIfPresent([String].self, forKey: .programs) ?? [])
    variants = try container.decodeIfPresent([LibraryVariant].self, forKey: .variants) ?? []
    foreign = try container.decodeIfPresent([String].self, forKey: .foreign) ?? []
    modules = try container.decodeIfPresent([Module].self, forKey: .modules) ?? []
    administrators = try container.decodeIfPresent([String: [String]].self, forKey: .administrators) ?? [:]
    together = try container.decodeIfPresent([String: [String: String]].self, forKey: .together) ?? [:]
    alternatives = try container.decodeIfPresent([ObjectReference].self, forKey: .alternatives) ?? []
  }
}

extension Recipe.Server {
  enum CodingKeys: String, CodingKey, CaseIterable { case name, service, calls, device, manages, onDemand, objects }

  /// Reads a server; only `name` and `objects` have to be there.
  public init(from decoder: any Decoder) throws {
    try decoder.refuseFields(except: CodingKeys.allCases.map(\.rawValue))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try container.decode(String.self, forKey: .name),
      objects: try container.decode([ObjectReference].self, forKey: .objects),
      service: try container.decodeIfPresent(String.self, forKey: .service),
      calls: try container.decodeIfPresent([String].self, forKey: .calls) ?? [],
      device: try container.decodeIfPresent(String.self, forKey: .device),
      manages: try container.decodeIfPresent([String].self, forKey: .manages) ?? [],
      onDemand: try container.decodeIfPresent(Bool.self, forKey: .onDemand) ?? false)
  }

  /// Writes the same form.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encodeIfPresent(service, forKey: .service)
    if !calls.isEmpty { try container.encode(calls, forKey: .calls) }
    try container.encodeIfPresent(device, forKey: .device)
    if !manages.isEmpty { try container.encode(manages, forKey: .manages) }
    if onDemand { try container.encode(onDemand, forKey: .onDemand) }
    try container.encode(objects, forKey: .objects)
  }
}

extension Recipe.LibraryVariant {
  enum CodingKeys: String, CodingKey, CaseIterable { case name, programs, without, with }

  /// Reads a variant.
  public init(from decoder: any Decoder) throws {
    try decoder.refuseFields(except: CodingKeys.allCases.map(\.rawValue))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      programs: try container.decode([String].self, forKey: .programs),
      without: try container.decode(String.self, forKey: .without),
      with: try container.decode([ObjectReference].self, forKey: .with),
      name: try container.decodeIfPresent(String.self, forKey: .name))
  }
}

extension Recipe.Module {
  enum CodingKeys: String, CodingKey, CaseIterable { case name, objects }

  /// Reads a module.
  public init(from decoder: any Decoder) throws {
    try decoder.refuseFields(except: CodingKeys.allCases.map(\.rawValue))
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      name: try container.decode(String.self, forKey: .name),
      objects: try container.decode([ObjectReference].self, forKey: .objects))
  }
}

extension DecodingError {
  /// The error with its place, such as `kernel[3]: unknown kind`.
  var plainDescription: String {
    let (context, problem): (Context, String) =
      switch self {
      case .typeMismatch(let type, let context): (context, "this is not a \(type)")
      case .valueNotFound(_, let context): (context, "a value is missing")
      case .keyNotFound(let key, let context): (context, "the field \"\(key.stringValue)\" is missing")
      case .dataCorrupted(let context): (context, context.debugDescription)
      @unknown default: (Context(codingPath: [], debugDescription: ""), "\(self)")
      }
    var place = ""
    for key in context.codingPath {
      if let index = key.intValue {
        place += "[\(index)]"
      } else {
        place += place.isEmpty ? key.stringValue : ".\(key.stringValue)"
      }
    }
    return place.isEmpty ? problem : "\(place): \(problem)"
  }
}

extension Recipe {
  /// Why a text is no JSON, with the line if the parser knows the place; nil when it is JSON.
  static func syntaxError(in json: Data) -> String? {
    do {
      _ = try JSONSerialization.jsonObject(with: json)
      return nil
    } catch {
      let text = (error as NSError).userInfo["NSDebugDescription"] as? String ?? error.localizedDescription
      guard let place = text.split(whereSeparator: { !$0.isNumber }).last.flatMap({ Int($0) }) else { return text }
      let line = 1 + json.prefix(place + 1).count { $0 == UInt8(ascii: "\n") }
      return "this is not JSON, near line \(line)"
    }
  }
}
