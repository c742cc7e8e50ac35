import Lab
import Testing

@Test func costModelPricesEveryCounterItNames() {
  var counters = CallCounters()
  counters.instructions = 1000
  counters.traps = 1
  counters.interrupts = 2
  counters.mmioAccesses = 3
  var model = CostModel()
  model.trap = 10
  model.mmioAccess = 100
  #expect(model.cycles(of: counters) == 1000 + 30 + 300)
}
