// Attributing every instruction of a run to the component and function that it belongs to.
//
// The machine counts by address; what an address means is asked while its address space is in force, because a task may
// have ended, and its address space may be another task's, when the run is over.

import GuestABI
import Machine

/// Collects profiles of one or several counted stretches of a run.
struct Profiler {
  /// Code of one function in one image and privilege.
  private struct Place: Hashable {
    let image: String
    let component: String
    let function: String
    let privilege: Privilege
  }

  /// The image behind each of the machine's contexts; nil where no program is known.
  private var images: [String?] = []
  private var counts: [Place: UInt64] = [:]

  /// The number of the context for user code of an image.
  mutating func context(of image: String?) -> Int {
    if let known = images.firstIndex(of: image) { return known }
    images.append(image)
    return images.count - 1
  }

  /// Adds what a machine counted.
  mutating func add(_ profile: InstructionProfile, of boot: BootImage) {
    profile.forEach { pc, privilege, context, count in
      let image = privilege == .user ? images.indices.contains(context) ? images[context] : nil : boot.kernel.name
      counts[Self.place(pc, image: image.flatMap { boot.image($0) }, privilege), default: 0] += count
    }
  }

  private static func place(_ pc: UInt64, image: ProgramImage?, _ privilege: Privilege) -> Place {
    let function = image?.elf.symbols.covering(pc).map { SymbolName.readable($0.symbol.name) }
    return Place(
      image: image?.name ?? "?", component: image?.component(at: pc) ?? "unknown code", function: function ?? "?",
      privilege: privilege)
  }

  /// Functions whose work is moving bytes, apart from those that the images' contract names.
  private static let copyingFunctions = Observation.copyLoops

  /// Everything collected.
  func report(_ boot: BootImage) -> ProfileReport {
    var components: [ComponentShare] = []
    var indices: [String: Int] = [:]
    for (place, count) in counts {
      let key = "\(place.component) \(place.image) \(place.privilege.letter)"
      if let index = indices[key] {
        components[index].instructions += count
      } else {
        indices[key] = components.count
        components.append(
          ComponentShare(
            component: place.component, kind: boot.kind(of: place.component, in: place.image), image: place.image,
            privilege: place.privilege.letter, instructions: count))
      }
    }
    let functions = counts.map { place, count in
      FunctionShare(
        function: place.function, component: place.component, image: place.image, privilege: place.privilege.letter,
        instructions: count)
    }
    let copying = functions.filter {
      Self.copyingFunctions.contains($0.function) || Observation.copies[$0.function] != nil
    }
    return ProfileReport(
      instructions: counts.values.reduce(0, +),
      userInstructions: components.filter { $0.privilege == "U" }.reduce(0) { $0 + $1.instructions },
      copyingInstructions: copying.reduce(0) { $0 + $1.instructions },
      components: components.sorted {
        ($1.instructions, $0.component, $0.image) < ($0.instructions, $1.component, $1.image)
      },
      functions: functions.sorted {
        ($1.instructions, $0.function, $0.image, $0.component) < ($0.instructions, $1.function, $1.image, $1.component)
      })
  }
}

extension BootImage {
  /// What a component of an image is; `other` for what the manifest does not name.
  func kind(of component: String, in image: String) -> String {
    manifest.components.first { $0.name == component && $0.image == image }?.kind ?? "other"
  }
}
