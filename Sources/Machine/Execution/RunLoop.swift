// The fast path: executes decoded operations with registers, operations and translations behind pointers held in locals.
// It must agree with the reference path to the last bit; whatever is rare it leaves to that. Only `Machine.run` may call
// it, which decides how far it may go and handles interrupts between two calls.
//
// Why the pointers are safe: register numbers come from 5-bit fields or are `Operation.discard`, and there are 33 integer
// registers and behind them 32 for floating point, whose numbers the decoder moves up; indices into the software TLB are
// masked to a table; a software TLB entry that matches holds a host address of the page it names, because whoever moves a
// page or changes a permission flushes it (`memoryChanged`, `translationChanged`), and an access is only answered by it if
// it ends within the page; operations are followed as `DecodedCode` explains, and a run always ends with an operation that
// leaves it.

/// Why the run loop came back.
enum RunLoopExit {
  /// Something happened after which interrupts, stops and time must be looked at.
  case boundary
  /// The next run of operations would go beyond the deadline.
  case nearDeadline
  /// `pc` is at a breakpoint or tracepoint.
  case probe
}

extension Machine {
  /// Executes instructions until something needs attention, or until the next run would exceed `deadline` instructions.
  mutating func runDecoded(until deadline: UInt64) -> RunLoopExit {
    let x = registers
    let f = x + Self.floatingPointBase
    let signBit: UInt64 = 1 << 63
    let translations = softwareTLB.entries
    var pc = hart.pc
    var count = hart.instructionCount

    enter: while true {
      let wanted = (pc >> 12) ^ softwareTLB.fetchKey
      let cached = translations + (SoftwareTLB.fetchTable + Int(wanted & SoftwareTLB.slotMask))
      let page: UnsafeMutablePointer<DecodedPage>
      if cached.pointee.key == wanted {
        page = UnsafeMutablePointer(bitPattern: UInt(cached.pointee.value)).unsafelyUnwrapped
      } else {
        hart.pc = pc
        hart.instructionCount = count
        if count >= deadline { return .boundary }
        // Looking the page up counts; a stop comes before the fetch, as on the reference path.
        if hasProbes && canFetch() && stopsAtProbe(pc: pc, instructionCount: count) { return .probe }
        guard let found = enterPage() else {
          if needsBoundary { return .boundary }
          pc = hart.pc
          count = hart.instructionCount
          continue enter
        }
        // Finding the page may have set a bit in a watched page table.
        if needsBoundary { return .boundary }
        page = found
      }
      let slot = Int((pc & 0xfff) >> 1)
      if page.pointee.slots[slot] == 0 { decode(page, slot: slot) }
      let operations = page.pointee.operations
      let slots = page.pointee.slots
      let base = pc & ~0xfff
      let dataKey = softwareTLB.dataKey
      let epoch = softwareTLB.epoch
      var op = operations + Int(slots[slot])
      var end = count &+ UInt64(op.pointee.remaining)
      if end > deadline {
        hart.pc = pc
        hart.instructionCount = count
        return .nearDeadline
      }

      run: while true {
        reference: do {
          miss: do {
            transfer: do {
              switch op.pointee.code {
              case .loadImmediate: x[op.a] = op.signed
              case .addUpperToPC: x[op.a] = base &+ op.offset &+ op.signed
              case .addImmediate: x[op.a] = x[op.b] &+ op.signed
              case .setLessImmediate: x[op.a] = Int64(bitPattern: x[op.b]) < Int64(op.pointee.immediate) ? 1 : 0
              case .setLessImmediateUnsigned: x[op.a] = x[op.b] < op.signed ? 1 : 0
              case .xorImmediate: x[op.a] = x[op.b] ^ op.signed
              case .orImmediate: x[op.a] = x[op.b] | op.signed
              case .andImmediate: x[op.a] = x[op.b] & op.signed
              case .shiftLeftImmediate: x[op.a] = x[op.b] &<< op.signed
              case .shiftRightImmediate: x[op.a] = x[op.b] &>> op.signed
              case .shiftRightArithmeticImmediate:
                x[op.a] = UInt64(bitPattern: Int64(bitPattern: x[op.b]) &>> Int64(op.pointee.immediate))
              case .addImmediateWord: x[op.a] = signExtendedWord(x[op.b] &+ op.signed)
              case .shiftLeftImmediateWord: x[op.a] = signExtendedWord(x[op.b] &<< op.signed)
              case .shiftRightImmediateWord: x[op.a] = signExtendedWord((x[op.b] & 0xffff_ffff) &>> op.signed)
              case .shiftRightArithmeticImmediateWord:
                x[op.a] = UInt64(
                  bitPattern: Int64(Int32(truncatingIfNeeded: x[op.b]) &>> op.pointee.immediate))

              case .add: x[op.a] = x[op.b] &+ x[op.c]
              case .subtract: x[op.a] = x[op.b] &- x[op.c]
              case .shiftLeft: x[op.a] = x[op.b] &<< x[op.c]
              case .setLess: x[op.a] = Int64(bitPattern: x[op.b]) < Int64(bitPattern: x[op.c]) ? 1 : 0
              case .setLessUnsigned: x[op.a] = x[op.b] < x[op.c] ? 1 : 0
              case .xor: x[op.a] = x[op.b] ^ x[op.c]
              case .shiftRight: x[op.a] = x[op.b] &>> x[op.c]
              case .shiftRightArithmetic:
                x[op.a] = UInt64(bitPattern: Int64(bitPattern: x[op.b]) &>> Int64(bitPattern: x[op.c]))
              case .or: x[op.a] = x[op.b] | x[op.c]
              case .and: x[op.a] = x[op.b] & x[op.c]
              case .addWord: x[op.a] = signExtendedWord(x[op.b] &+ x[op.c])
              case .subtractWord: x[op.a] = signExtendedWord(x[op.b] &- x[op.c])
              case .shiftLeftWord: x[op.a] = signExtendedWord(x[op.b] &<< (x[op.c] & 31))
              case .shiftRightWord: x[op.a] = signExtendedWord((x[op.b] & 0xffff_ffff) &>> (x[op.c] & 31))
              case .shiftRightArithmeticWord:
                x[op.a] = UInt64(
                  bitPattern: Int64(
                    Int32(truncatingIfNeeded: x[op.b]) &>> Int32(truncatingIfNeeded: x[op.c] & 31)))

              case .multiply: x[op.a] = x[op.b] &* x[op.c]
              case .multiplyHigh: x[op.a] = Arithmetic.multiplyHigh(x[op.b], x[op.c])
              case .multiplyHighSignedUnsigned: x[op.a] = Arithmetic.multiplyHighSignedUnsigned(x[op.b], x[op.c])
              case .multiplyHighUnsigned: x[op.a] = Arithmetic.multiplyHighUnsigned(x[op.b], x[op.c])
              case .divide: x[op.a] = Arithmetic.divide(x[op.b], x[op.c])
              case .divideUnsigned: x[op.a] = Arithmetic.divideUnsigned(x[op.b], x[op.c])
              case .remainder: x[op.a] = Arithmetic.remainder(x[op.b], x[op.c])
              case .remainderUnsigned: x[op.a] = Arithmetic.remainderUnsigned(x[op.b], x[op.c])
              case .multiplyWord: x[op.a] = signExtendedWord(x[op.b] &* x[op.c])
              case .divideWord: x[op.a] = Arithmetic.divideWord(x[op.b], x[op.c])
              case .divideWordUnsigned: x[op.a] = Arithmetic.divideWordUnsigned(x[op.b], x[op.c])
              case .remainderWord: x[op.a] = Arithmetic.remainderWord(x[op.b], x[op.c])
              case .remainderWordUnsigned: x[op.a] = Arithmetic.remainderWordUnsigned(x[op.b], x[op.c])

              case .loadByte:
                guard let host = Self.find(x[op.b] &+ op.signed, 1, dataKey, translations) else { break miss }
                x[op.a] = UInt64(bitPattern: Int64(host.loadUnaligned(as: Int8.self)))
              case .loadHalf:
                guard let host = Self.find(x[op.b] &+ op.signed, 2, dataKey, translations) else { break miss }
                x[op.a] = UInt64(bitPattern: Int64(Int16(littleEndian: host.loadUnaligned(as: Int16.self))))
              case .loadWord:
                guard let host = Self.find(x[op.b] &+ op.signed, 4, dataKey, translations) else { break miss }
                x[op.a] = UInt64(bitPattern: Int64(Int32(littleEndian: host.loadUnaligned(as: Int32.self))))
              case .loadDouble:
                guard let host = Self.find(x[op.b] &+ op.signed, 8, dataKey, translations) else { break miss }
                x[op.a] = UInt64(littleEndian: host.loadUnaligned(as: UInt64.self))
              case .loadByteUnsigned:
                guard let host = Self.find(x[op.b] &+ op.signed, 1, dataKey, translations) else { break miss }
                x[op.a] = UInt64(host.loadUnaligned(as: UInt8.self))
              case .loadHalfUnsigned:
                guard let host = Self.find(x[op.b] &+ op.signed, 2, dataKey, translations) else { break miss }
                x[op.a] = UInt64(UInt16(littleEndian: host.loadUnaligned(as: UInt16.self)))
              case .loadWordUnsigned:
                guard let host = Self.find(x[op.b] &+ op.signed, 4, dataKey, translations) else { break miss }
                x[op.a] = UInt64(UInt32(littleEndian: host.loadUnaligned(as: UInt32.self)))

              case .storeByte:
                guard let host = Self.find(x[op.b] &+ op.signed, 1, dataKey, translations + SoftwareTLB.storeTable)
                else { break miss }
                host.storeBytes(of: UInt8(truncatingIfNeeded: x[op.a]), as: UInt8.self)
              case .storeHalf:
                guard let host = Self.find(x[op.b] &+ op.signed, 2, dataKey, translations + SoftwareTLB.storeTable)
                else { break miss }
                host.storeBytes(of: UInt16(truncatingIfNeeded: x[op.a]).littleEndian, as: UInt16.self)
              case .storeWord:
                guard let host = Self.find(x[op.b] &+ op.signed, 4, dataKey, translations + SoftwareTLB.storeTable)
                else { break miss }
                host.storeBytes(of: UInt32(truncatingIfNeeded: x[op.a]).littleEndian, as: UInt32.self)
              case .storeDouble:
                guard let host = Self.find(x[op.b] &+ op.signed, 8, dataKey, translations + SoftwareTLB.storeTable)
                else { break miss }
                host.storeBytes(of: x[op.a].littleEndian, as: UInt64.self)
              case .nothing: break

              case .shiftAdd1: x[op.a] = BitManipulation.shiftAdd(x[op.b], by: 1, x[op.c])
              case .shiftAdd2: x[op.a] = BitManipulation.shiftAdd(x[op.b], by: 2, x[op.c])
              case .shiftAdd3: x[op.a] = BitManipulation.shiftAdd(x[op.b], by: 3, x[op.c])
              case .shiftAddUnsignedWord1: x[op.a] = BitManipulation.shiftAdd(x[op.b] & 0xffff_ffff, by: 1, x[op.c])
              case .shiftAddUnsignedWord2: x[op.a] = BitManipulation.shiftAdd(x[op.b] & 0xffff_ffff, by: 2, x[op.c])
              case .shiftAddUnsignedWord3: x[op.a] = BitManipulation.shiftAdd(x[op.b] & 0xffff_ffff, by: 3, x[op.c])
              case .addUnsignedWord: x[op.a] = x[op.b] & 0xffff_ffff &+ x[op.c]
              case .shiftLeftUnsignedWordImmediate: x[op.a] = (x[op.b] & 0xffff_ffff) &<< op.signed
              case .andNot: x[op.a] = x[op.b] & ~x[op.c]
              case .orNot: x[op.a] = x[op.b] | ~x[op.c]
              case .exclusiveNor: x[op.a] = ~(x[op.b] ^ x[op.c])
              case .minimum: x[op.a] = BitManipulation.signedMinimum(x[op.b], x[op.c])
              case .minimumUnsigned: x[op.a] = min(x[op.b], x[op.c])
              case .maximum: x[op.a] = BitManipulation.signedMaximum(x[op.b], x[op.c])
              case .maximumUnsigned: x[op.a] = max(x[op.b], x[op.c])
              case .rotateLeft: x[op.a] = BitManipulation.rotateRight(x[op.b], by: 0 &- x[op.c])
              case .rotateRight: x[op.a] = BitManipulation.rotateRight(x[op.b], by: x[op.c])
              case .rotateRightImmediate: x[op.a] = BitManipulation.rotateRight(x[op.b], by: op.signed)
              case .rotateLeftWord: x[op.a] = BitManipulation.rotateWordRight(x[op.b], by: 0 &- x[op.c])
              case .rotateRightWord: x[op.a] = BitManipulation.rotateWordRight(x[op.b], by: x[op.c])
              case .rotateRightImmediateWord: x[op.a] = BitManipulation.rotateWordRight(x[op.b], by: op.signed)
              case .countLeadingZeros: x[op.a] = UInt64(x[op.b].leadingZeroBitCount)
              case .countTrailingZeros: x[op.a] = UInt64(x[op.b].trailingZeroBitCount)
              case .countOnes: x[op.a] = UInt64(x[op.b].nonzeroBitCount)
              case .countLeadingZerosWord: x[op.a] = BitManipulation.leadingZerosOfWord(x[op.b])
              case .countTrailingZerosWord: x[op.a] = BitManipulation.trailingZerosOfWord(x[op.b])
              case .countOnesWord: x[op.a] = UInt64((x[op.b] & 0xffff_ffff).nonzeroBitCount)
              case .signExtendByte: x[op.a] = UInt64(bitPattern: Int64(Int8(truncatingIfNeeded: x[op.b])))
              case .signExtendHalf: x[op.a] = UInt64(bitPattern: Int64(Int16(truncatingIfNeeded: x[op.b])))
              case .zeroExtendHalf: x[op.a] = x[op.b] & 0xffff
              case .orCombineBytes: x[op.a] = BitManipulation.orCombineBytes(x[op.b])
              case .reverseBytes: x[op.a] = x[op.b].byteSwapped
              case .setBit: x[op.a] = x[op.b] | 1 &<< x[op.c]
              case .clearBit: x[op.a] = x[op.b] & ~(1 &<< x[op.c])
              case .invertBit: x[op.a] = x[op.b] ^ 1 &<< x[op.c]
              case .extractBit: x[op.a] = x[op.b] &>> x[op.c] & 1
              case .setBitImmediate: x[op.a] = x[op.b] | 1 &<< op.signed
              case .clearBitImmediate: x[op.a] = x[op.b] & ~(1 &<< op.signed)
              case .invertBitImmediate: x[op.a] = x[op.b] ^ 1 &<< op.signed
              case .extractBitImmediate: x[op.a] = x[op.b] &>> op.signed & 1

              case .loadFloatingPointSingle:
                guard hart.hasDirtyFloatingPoint else { break reference }
                guard let host = Self.find(x[op.b] &+ op.signed, 4, dataKey, translations)
                else { break miss }
                x[op.a] = 0xffff_ffff_0000_0000 | UInt64(UInt32(littleEndian: host.loadUnaligned(as: UInt32.self)))
              case .loadFloatingPointDouble:
                guard hart.hasDirtyFloatingPoint else { break reference }
                guard let host = Self.find(x[op.b] &+ op.signed, 8, dataKey, translations)
                else { break miss }
                x[op.a] = UInt64(littleEndian: host.loadUnaligned(as: UInt64.self))
              case .storeFloatingPointSingle:
                guard hart.hasFloatingPoint else { break reference }
                guard let host = Self.find(x[op.b] &+ op.signed, 4, dataKey, translations + SoftwareTLB.storeTable)
                else { break miss }
                host.storeBytes(of: UInt32(truncatingIfNeeded: x[op.a]).littleEndian, as: UInt32.self)
              case .storeFloatingPointDouble:
                guard hart.hasFloatingPoint else { break reference }
                guard let host = Self.find(x[op.b] &+ op.signed, 8, dataKey, translations + SoftwareTLB.storeTable)
                else { break miss }
                host.storeBytes(of: x[op.a].littleEndian, as: UInt64.self)
              case .addSingle:
                guard hart.roundsLikeHost, let result = HostArithmetic.addSingle(x[op.b], x[op.c], hart.fcsr)
                else { break reference }
                x[op.a] = result
              case .addDouble:
                guard hart.roundsLikeHost, let result = HostArithmetic.addDouble(x[op.b], x[op.c], hart.fcsr)
                else { break reference }
                x[op.a] = result
              case .subtractSingle:
                guard hart.roundsLikeHost, let result = HostArithmetic.subtractSingle(x[op.b], x[op.c], hart.fcsr)
                else { break reference }
                x[op.a] = result
              case .subtractDouble:
                guard hart.roundsLikeHost, let result = HostArithmetic.subtractDouble(x[op.b], x[op.c], hart.fcsr)
                else { break reference }
                x[op.a] = result
              case .multiplySingle:
                guard hart.roundsLikeHost, let result = HostArithmetic.multiplySingle(x[op.b], x[op.c], hart.fcsr)
                else { break reference }
                x[op.a] = result
              case .multiplyDouble:
                guard hart.roundsLikeHost, let result = HostArithmetic.multiplyDouble(x[op.b], x[op.c], hart.fcsr)
                else { break reference }
                x[op.a] = result
              case .divideDouble:
                guard hart.roundsLikeHost, let result = HostArithmetic.divideDouble(x[op.b], x[op.c], hart.fcsr)
                else { break reference }
                x[op.a] = result
              case .fusedSingle:
                guard hart.roundsLikeHost, let result = HostArithmetic.fusedSingle(f, op.pointee.word, hart.fcsr)
                else { break reference }
                x[op.a] = result
              case .fusedDouble:
                guard hart.roundsLikeHost, let result = HostArithmetic.fusedDouble(f, op.pointee.word, hart.fcsr)
                else { break reference }
                x[op.a] = result
              case .signOfDouble:
                guard hart.hasDirtyFloatingPoint else { break reference }
                x[op.a] = x[op.b] & ~signBit | x[op.c] & signBit
              case .negatedSignOfDouble:
                guard hart.hasDirtyFloatingPoint else { break reference }
                x[op.a] = x[op.b] & ~signBit | ~x[op.c] & signBit
              case .combinedSignOfDouble:
                guard hart.hasDirtyFloatingPoint else { break reference }
                x[op.a] = x[op.b] ^ x[op.c] & signBit
              case .isEqualDouble:
                guard hart.hasFloatingPoint, let result = HostArithmetic.isEqualDouble(x[op.b], x[op.c])
                else { break reference }
                x[op.a] = result
              case .isLessDouble:
                guard hart.hasFloatingPoint, let result = HostArithmetic.isLessDouble(x[op.b], x[op.c])
                else { break reference }
                x[op.a] = result
              case .isLessOrEqualDouble:
                guard hart.hasFloatingPoint, let result = HostArithmetic.isLessOrEqualDouble(x[op.b], x[op.c])
                else { break reference }
                x[op.a] = result
              case .moveToIntegerDouble:
                guard hart.hasFloatingPoint else { break reference }
                x[op.a] = x[op.b]
              case .moveFromIntegerDouble:
                guard hart.hasDirtyFloatingPoint else { break reference }
                x[op.a] = x[op.b]
              case .otherFloatingPoint:
                guard hart.roundsLikeHost,
                  let result = HostArithmetic.other(f, integers: x, op.pointee.word, hart.fcsr)
                else { break reference }
                x[op.a] = result

              case .branchEqual: if x[op.b] == x[op.a] { break transfer }
              case .branchNotEqual: if x[op.b] != x[op.a] { break transfer }
              case .branchLess: if Int64(bitPattern: x[op.b]) < Int64(bitPattern: x[op.a]) { break transfer }
              case .branchGreaterEqual: if Int64(bitPattern: x[op.b]) >= Int64(bitPattern: x[op.a]) { break transfer }
              case .branchLessUnsigned: if x[op.b] < x[op.a] { break transfer }
              case .branchGreaterEqualUnsigned: if x[op.b] >= x[op.a] { break transfer }
              case .jump:
                x[op.a] = base &+ op.offset &+ UInt64(op.pointee.length)
                break transfer
              case .jumpRegister:
                let target = (x[op.b] &+ op.signed) & ~1
                x[op.a] = base &+ op.offset &+ UInt64(op.pointee.length)
                count = end &- UInt64(op.pointee.remaining) &+ 1
                pc = target
                continue enter
              case .proceed:
                count = end
                pc = base &+ op.offset
                continue enter
              case .probe:
                pc = base &+ op.offset
                count = end &- UInt64(op.pointee.remaining)
                if stopsAtProbe(pc: pc, instructionCount: count) {
                  hart.pc = pc
                  hart.instructionCount = count
                  return .probe
                }
              case .slow: break reference
              case .fetch:
                hart.pc = base &+ op.offset
                hart.instructionCount = end &- UInt64(op.pointee.remaining)
                performFromMemory()
                if needsBoundary { return .boundary }
                pc = hart.pc
                count = hart.instructionCount
                continue enter
              }
              op += 1
              continue run
            }

            // A direct branch or jump is taken.
            count = end &- UInt64(op.pointee.remaining) &+ 1
            let link = op.pointee.link
            if link >= 0 {
              op = operations + Int(link)
              end = count &+ UInt64(op.pointee.remaining)
              if end <= deadline { continue run }
              hart.pc = base &+ op.offset
              hart.instructionCount = count
              return .nearDeadline
            }
            pc = base &+ op.offset &+ op.signed
            if pc & ~0xfff == base {
              let known = slots[Int((pc & 0xfff) >> 1)]
              if known != 0 { op.pointee.link = Int32(known) }
            }
            continue enter
          }

          // The software TLB does not know the page.
          if refill(x[op.b] &+ op.signed, op.pointee.code.isStore ? .write : .read) { continue run }
        }

        // The reference path executes the instruction.
        let next = base &+ op.offset &+ UInt64(op.pointee.length)
        hart.pc = base &+ op.offset
        hart.instructionCount = end &- UInt64(op.pointee.remaining)
        perform(op.pointee.word, length: UInt64(op.pointee.length))
        if needsBoundary { return .boundary }
        if softwareTLB.epoch == epoch && hart.pc == next {
          op += 1
          continue run
        }
        pc = hart.pc
        count = hart.instructionCount
        continue enter
      }
    }
  }

  /// The host address for an access, if the software TLB knows it and the access ends within the page.
  @inline(__always)
  private static func find(
    _ address: UInt64, _ size: UInt64, _ key: UInt64, _ table: UnsafeMutablePointer<SoftwareTLBEntry>
  ) -> UnsafeMutableRawPointer? {
    let wanted = (address >> 12) ^ key
    let entry = table + Int(wanted & SoftwareTLB.slotMask)
    guard entry.pointee.key == wanted, address & 0xfff <= 0x1000 - size else { return nil }
    return UnsafeMutableRawPointer(bitPattern: UInt(entry.pointee.value &+ address)).unsafelyUnwrapped
  }

  /// Executes one instruction on the reference path: it retires or its exception is taken.
  @inline(never)
  private mutating func perform(_ word: UInt32, length: UInt64) {
    do {
      try execute(word, length: length)
      hart.instructionCount &+= 1
    } catch {
      take(error)
    }
    if watchedRegister != nil { noteRegisterWrite() }
  }

  /// Fetches and executes one instruction on the reference path: it retires or its exception is taken.
  @inline(never)
  mutating func performFromMemory() {
    do {
      try executeFromMemory()
      hart.instructionCount &+= 1
    } catch {
      take(error)
    }
    if watchedRegister != nil { noteRegisterWrite() }
  }

  /// The decoded page of `pc`, entered into the software TLB; nil after the instruction there was dealt with otherwise.
  @inline(never)
  private mutating func enterPage() -> UnsafeMutablePointer<DecodedPage>? {
    do {
      guard let (number, place) = try fetchPage(hart.pc) else {
        performFromMemory()
        return nil
      }
      if decodedCode.isFull { dropDecodedCode() }
      let page = decodedCode.page(number)
      softwareTLB.insert(
        table: SoftwareTLB.fetchTable, page: hart.pc >> 12, key: softwareTLB.fetchKey,
        value: UInt64(UInt(bitPattern: page)), owner: place)
      return page
    } catch {
      take(error)
      if watchedRegister != nil { noteRegisterWrite() }
      return nil
    }
  }

  @inline(never)
  private mutating func decode(_ page: UnsafeMutablePointer<DecodedPage>, slot: Int) {
    if !ram.hasDecodedCode(page: page.pointee.number) { softwareTLB.forgetStores() }
    decodedCode.decodeRun(offset: slot * 2, into: page, memory: &ram)
  }

  /// Frees all decoded code.
  mutating func dropDecodedCode() {
    decodedCode.removeAll(memory: &ram)
    translationChanged()
  }
}

extension UnsafeMutablePointer<Operation> {
  @inline(__always) fileprivate var a: Int { Int(pointee.a) }
  @inline(__always) fileprivate var b: Int { Int(pointee.b) }
  @inline(__always) fileprivate var c: Int { Int(pointee.c) }
  @inline(__always) fileprivate var offset: UInt64 { UInt64(pointee.offset) }
  @inline(__always) fileprivate var signed: UInt64 { UInt64(bitPattern: Int64(pointee.immediate)) }
}
