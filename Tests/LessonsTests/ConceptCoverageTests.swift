import Testing

@testable import Lessons

@Suite struct ConceptCoverageTests {
  @Test func everyIDHasItsClaim() {
    #expect(Concept.claims.map(\.id) == Concept.identifiers)
    #expect(Concept.claims.filter { $0.pending != nil }.map(\.id) == ["M2", "U12", "H1", "H2", "K1"])
    #expect(Concept.claims.allSatisfy { !$0.text.isEmpty && $0.pending != "" })
  }

  @Test func aStepCoversWhatItsHeadingNamesIfItJudgesSomething() throws {
    let claims = ["M8", "U1", "H1"].map { ConceptClaim(id: $0, text: "…", pending: $0 == "H1" ? "nothing" : nil) }
    let lesson = try Fixtures.parse()
    let coverage = ConceptCoverage(of: claims, by: [lesson])
    #expect(coverage.rows.map(\.state) == [.covered, .empty, .pending])
    #expect(coverage.rows[0].steps == [.init(lesson: "driver-fault", step: "break")])
    #expect(!coverage.isComplete)
    // Naming a concept without judging anything covers nothing.
    let onlyNamed = try Fixtures.parse(Fixtures.driverFault.replacing("{#look}", with: "{#look concepts=[U1]}"))
    #expect(ConceptCoverage(of: claims, by: [onlyNamed]).rows[1].state == .empty)
    let judged = try Fixtures.parse(Fixtures.driverFault.replacing("{#micro}", with: "{#micro concepts=[U1, H1]}"))
    let whole = ConceptCoverage(of: claims, by: [judged])
    #expect(whole.rows.map(\.state) == [.covered, .covered, .inPart] && whole.isComplete)
  }
}
