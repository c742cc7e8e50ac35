// `link`: an application, its library and just enough of a system in one image, made while the student waits.

import GuestABI
import GuestBuilder

extension Laboratory {
  /// The structure whose kernel has the application in it.
  static let applicationStructure = "uni"

  /// Links an application and keeps the image under its name; an older one of that name is replaced.
  ///
  /// - Throws: `LabError` when the application or a choice is not known, or the linker refuses.
  public func link(_ request: LinkRequest) throws(LabError) -> LinkReport {
    let linked = try makeImage(request)
    linkedApplications.removeAll { $0.report.name == linked.report.name }
    linkedApplications.append(linked)
    return linked.report
  }

  /// The images that were linked.
  public func linkedImages() -> LinkList { LinkList(images: linkedApplications.map(\.report)) }

  /// The programs that can be linked.
  public func linkableApplications() -> [String] {
    guard let linking = images.linking else { return [] }
    var names: Set<String> = []
    for structure in images.structures {
      guard let recipe = try? linking.recipe(structure) else { continue }
      names.formUnion(recipe.objects.filter { $0.kind == .program }.map(\.name))
    }
    return names.sorted()
  }

  /// Says what keeps a symbol in an image, or why it was dropped.
  ///
  /// - Parameters:
  ///   - symbol: Its name, `COMPONENT:NAME`, or a Swift function as listings show it.
  ///   - name: The image; nil: the one linked last.
  /// - Throws: `LabError` when there is no such image or symbol.
  public func explain(_ symbol: String, in name: String? = nil) throws(LabError) -> LinkExplanation {
    let linked = try linkedApplication(name)
    let step = try find(symbol, in: linked)
    let graph = linked.graph
    var explanation = LinkExplanation(
      image: linked.report.name, symbol: SymbolName.readable(step.symbol), component: step.component, kept: false,
      chain: [], referrers: [], reason: "")
    if let chain = graph.chain(to: step) {
      explanation.kept = true
      explanation.chain = chain.map {
        LinkStep(component: $0.component, symbol: SymbolName.readable($0.symbol))
      }
      explanation.reason =
        chain.count > 1
        ? "kept: \(SymbolName.readable(chain[chain.count - 2].symbol)) refers to it"
        : "kept: the linker begins here"
      return explanation
    }
    explanation.referrers = graph.referrers(of: step).map {
      LinkReferrer(
        symbol: SymbolName.readable($0.step.symbol), component: $0.step.component, kept: $0.isReached,
        redirected: $0.isSubstituted)
    }
    explanation.reason = dropReason(explanation.referrers, linked.report)
    return explanation
  }

  private func dropReason(_ referrers: [LinkReferrer], _ report: LinkReport) -> String {
    if let caller = referrers.first(where: { $0.kept && $0.redirected }) {
      let why = report.decisions.first { $0.value == "off" && $0.reason != nil }?.reason
      return "dropped: the call in \(caller.symbol) goes to a function that says there is no such service"
        + (why.map { ", because \($0)" } ?? "")
    }
    if referrers.isEmpty { return "dropped: no function of any object refers to it" }
    return "dropped: nothing in the image refers to it; those who do are dropped themselves"
  }

  /// The image of a name, linked with the usual choices if there is none yet.
  func linkedApplication(_ name: String?) throws(LabError) -> LinkedApplication {
    guard let name else {
      if let last = linkedApplications.last { return last }
      throw LabError(.unknownName, "nothing was linked yet", hint: "`link hello` links an application")
    }
    if let linked = linkedApplications.first(where: { $0.report.name == name }) { return linked }
    _ = try link(LinkRequest(application: name))
    return try linkedApplication(nil)
  }

  private func find(_ symbol: String, in linked: LinkedApplication) throws(LabError) -> LinkStep {
    let parts = symbol.split(separator: ":", maxSplits: 1).map(String.init)
    let name = parts.last ?? symbol
    let components = linked.report.components.map(\.name).filter { parts.count < 2 || $0 == parts[0] }
    for component in components where linked.graph.components(defining: name).contains(component) {
      return LinkStep(component: component, symbol: name)
    }
    let all = components.flatMap { component in
      linked.graph.functions(of: component).map { LinkStep(component: component, symbol: $0) }
    }
    if let found = all.first(where: { SymbolName.readable($0.symbol) == name }) { return found }
    let names = Set(all.map { SymbolName.readable($0.symbol) }).sorted()
    throw LabError(
      .unknownName,
      "no object of `\(linked.report.name)` defines `\(symbol)`\(Nearest.suggestion(for: name, among: names))",
      hint: "`link \(linked.report.name)` lists the components; entry points are called as in `fs_open`")
  }

  // MARK: Making

  func makeImage(_ request: LinkRequest) throws(LabError) -> LinkedApplication {
    guard let linking = images.linking else {
      throw LabError(.notAvailable, "nothing can be linked here", hint: "`boot` starts what was linked before")
    }
    var recipe = try linking.recipe(Self.applicationStructure)
    let choices = try checked(request.choices, recipe: recipe)
    let applications = linkableApplications()
    guard applications.contains(request.application) else {
      throw LabError(
        .unknownName,
        "there is no program `\(request.application)`\(Nearest.suggestion(for: request.application, among: applications))",
        hint: "programs: " + applications.joined(separator: " "))
    }
    recipe.kernel = recipe.kernel.map {
      $0.kind == .program ? ObjectReference(kind: .program, folder: "Programs/\(request.application)") : $0
    }
    for choice in LinkChoice.all {
      guard let value = choices[choice.name], let object = choice.objects[value] else { continue }
      let others = Set(choice.objects.values)
      guard let replacement = recipe.objects.first(where: { $0.name == object }) else { continue }
      recipe.kernel = recipe.kernel.map { others.contains($0.name) ? replacement : $0 }
    }
    recipe.alternatives = []

    let relinker = try linking.relinker(choices["checks"] != "off")
    do throws(GuestBuildError) {
      return try link(request, recipe, choices, relinker)
    } catch {
      throw LabError(
        .machine, "`\(request.application)` cannot be linked: \(error.firstLine)",
        hint: "`link \(request.application)` without choices")
    }
  }

  private func link(
    _ request: LinkRequest, _ recipe: Recipe, _ choices: [String: String], _ relinker: Relinker
  ) throws(GuestBuildError) -> LinkedApplication {
    var decisions: [LinkDecision] = []
    var options = LinkOptions(eliminatesDeadCode: choices["eliminate"] != "off", arguments: request.arguments)
    let present = Set(recipe.kernel.map(\.name))
    for choice in LinkChoice.all {
      var decision = LinkDecision(choice: choice.name, value: choices[choice.name] ?? choice.values[0].value)
      if let service = OptionalService(rawValue: choice.name) {
        guard !present.isDisjoint(with: service.components) else { continue }
        if decision.value == "auto" { try decide(&decision, service, recipe, relinker) }
        if decision.value == "off" { options.absent.formUnion(present.intersection(service.components)) }
      } else if !choice.objects.isEmpty, present.isDisjoint(with: choice.objects.values) {
        continue
      }
      decisions.append(decision)
    }
    let image = try relinker.link(recipe, options: options)
    var whole = options
    whole.eliminatesDeadCode = false
    let wholeBytes =
      options.eliminatesDeadCode ? try relinker.link(recipe, options: whole).loadableBytes : try image.loadableBytes
    let components = try relinker.components(of: recipe, in: image)
    let report = LinkReport(
      name: request.name ?? request.application, application: request.application, arguments: request.arguments,
      kernel: recipe.structure, decisions: decisions, imageBytes: try image.loadableBytes, wholeBytes: wholeBytes,
      functionsKept: components.reduce(0) { $0 + $1.functionsKept },
      functionsDropped: components.reduce(0) { $0 + $1.functionsDropped }, components: components)
    do {
      return LinkedApplication(
        report: report,
        image: try BootImage(manifest: image.manifest, kernel: image.kernel, programs: image.programs),
        graph: try relinker.graph(of: recipe, options: options))
    } catch let error as LabError {
      throw GuestBuildError.object(name: request.application, problem: error.message, hint: "link it again")
    } catch let error as GuestBuildError {
      throw error
    } catch {
      throw GuestBuildError.object(name: request.application, problem: "\(error)", hint: "link it again")
    }
  }

  /// Whether the application needs a service: it does if it calls a function that begins with it.
  private func decide(
    _ decision: inout LinkDecision, _ service: OptionalService, _ recipe: Recipe, _ relinker: Relinker
  ) throws(GuestBuildError) {
    guard let application = recipe.application else { return }
    let imports = try relinker.imports(of: application)
    let used = service.functions.filter(imports.contains)
    decision.value = used.isEmpty ? "off" : "on"
    decision.reason =
      used.isEmpty
      ? "\(application.name) calls none of \(service.functions.joined(separator: ", "))"
      : "\(application.name) calls \(used.joined(separator: ", "))"
  }

  private func checked(_ choices: [String: String], recipe: Recipe) throws(LabError) -> [String: String] {
    for (name, value) in choices.sorted(by: { $0.key < $1.key }) {
      let names = LinkChoice.all.map(\.name)
      guard let choice = LinkChoice.all.first(where: { $0.name == name }) else {
        throw LabError(
          .badArgument, "there is nothing called `\(name)` to choose\(Nearest.suggestion(for: name, among: names))",
          hint: "choices: " + names.joined(separator: " "))
      }
      let values = choice.values.map(\.value)
      guard values.contains(value) else {
        throw LabError(
          .badArgument, "`\(name)` cannot be `\(value)`\(Nearest.suggestion(for: value, among: values))",
          hint: "`\(name)` is one of " + values.joined(separator: ", "))
      }
      if let object = choice.objects[value], !recipe.objects.contains(where: { $0.name == object }) {
        throw LabError(
          .notAvailable, "`\(name)=\(value)`: \(recipe.structure) has no object `\(object)`",
          hint: "leave `\(name)` out")
      }
      if let service = OptionalService(rawValue: name), value == "on",
        !recipe.kernel.contains(where: { service.components.contains($0.name) })
      {
        throw LabError(
          .notAvailable,
          "`\(name)=\(value)`: \(recipe.structure) has none of \(service.components.joined(separator: ", "))",
          hint: "leave `\(name)` out")
      }
    }
    return choices
  }
}

extension GuestBuildError {
  /// What is wrong, without the tool's whole output.
  fileprivate var firstLine: String {
    guard case .tool(let name, let subject, _, _, let diagnostics) = self else { return description }
    return "\(subject), \(name): \(diagnostics.prefix { $0 != "\n" })"
  }
}
