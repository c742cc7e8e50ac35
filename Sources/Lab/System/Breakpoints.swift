// The user's breakpoints: kept by image and address, so that one means one place.

import Machine

extension System {
  /// Sets a breakpoint at `SYMBOL`, `IMAGE:SYMBOL`, `PLACE+N`, `ADDRESS` or `*ADDRESS`.
  ///
  /// - Parameters:
  ///   - place: Where; a bare address stops in every address space.
  ///   - temporary: Whether it goes away when it is reached.
  /// - Throws: `LabError` when the place is not known.
  public func setBreakpoint(at place: String, temporary: Bool = false) throws(LabError) -> BreakpointReport {
    let (image, address) = try resolve(place)
    condition.breakpointCount += 1
    let breakpoint = Breakpoint(
      id: condition.breakpointCount, image: image, address: address, temporary: temporary)
    condition.breakpoints.append(breakpoint)
    return report(of: breakpoint)
  }

  /// Removes a breakpoint, or all when nil; returns those that are left.
  ///
  /// - Throws: `LabError` when there is no breakpoint of that number.
  public func deleteBreakpoint(_ id: Int? = nil) throws(LabError) -> BreakpointList {
    if let id {
      let known =
        condition.breakpoints.map(\.id) + condition.watchpoints.map(\.id) + condition.catchpoints.map(\.id)
      guard known.contains(id) else {
        throw LabError(.unknownName, "there is no breakpoint \(id)", hint: "`info breakpoints` lists them")
      }
    }
    condition.breakpoints.removeAll { id == nil || $0.id == id }
    condition.watchpoints.removeAll { id == nil || $0.id == id }
    condition.catchpoints.removeAll { id == nil || $0.id == id }
    return breakpoints()
  }

  /// All breakpoints.
  public func breakpoints() -> BreakpointList {
    BreakpointList(
      breakpoints: condition.breakpoints.map { report(of: $0) }, watchpoints: condition.watchpoints.map(\.report),
      catchpoints: condition.catchpoints.map(\.report))
  }

  private func report(of breakpoint: Breakpoint) -> BreakpointReport {
    let place =
      breakpoint.image.flatMap { image.image($0)?.location(of: breakpoint.address) }
      ?? location(of: breakpoint.address)
    return BreakpointReport(
      id: breakpoint.id, location: place, temporary: breakpoint.temporary, hits: breakpoint.hits)
  }
}
