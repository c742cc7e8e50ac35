// Foreign guests of a page of assembly: they know nothing of agents and task records. M-mode, entered at the start of RAM.

import Foundation
import GuestABI
import Machine

@testable import Lab

enum ForeignGuest {
  /// A laboratory with a system that stands at the guest's first instruction.
  static func boot(
    _ source: String, memoryBytes: UInt64 = 1 << 20, prepare: (inout MachineConfiguration) throws -> Void = { _ in }
  ) throws -> System {
    let laboratory = Laboratory()
    var configuration = MachineConfiguration(memoryBytes: memoryBytes)
    try prepare(&configuration)
    var contents = BootContents()
    let file = try TinyGuest.link(
      ".text\n.globl _start\n_start:\n" + source, "foreign-\(UUID().uuidString)", base: "0x80000000", extra: "")
    contents.kernel = .executable(try ELFFile.parse(file))
    _ = try laboratory.boot(ForeignBoot(name: "guest", configuration: configuration, contents: contents))
    return try laboratory.current()
  }

  /// Sends back what arrives at the serial port, and counts in s1 how often it has looked.
  static let echo = """
      li s0, 0x10000000
      li s1, 0
    loop:
      addi s1, s1, 1
      lbu t0, 5(s0)
      andi t0, t0, 1
      beqz t0, loop
      .globl answer
      .type answer, @function
    answer:
      lbu a0, 0(s0)
      sb a0, 0(s0)
      j loop
      .size answer, . - answer
    """

  /// Sleeps until a byte arrives at the serial port, whose interrupt it never takes, and sends it back.
  static let sleeper = """
      li s0, 0x10000000
      li t0, 1
      sb t0, 1(s0)
      li t1, 0xc000000
      sw t0, 40(t1)             # priority of source 10
      li t0, 1 << 10
      li t1, 0xc002000
      sw t0, 0(t1)              # enabled for M-mode
      li t0, 1 << 11 | 1 << 7
      csrw mie, t0
      li s2, 0x2004000
      li s3, 0x200bff8
    sleep:
      ld t0, 0(s3)
      li t1, 1000000
      add t0, t0, t1
      sd t0, 0(s2)              # the timer wakes it every 100 ms
      wfi
      addi s1, s1, 1
      lbu t0, 5(s0)
      andi t0, t0, 1
      beqz t0, sleep
      lbu a0, 0(s0)
      sb a0, 0(s0)
      li t1, 0xc200004
      lw t0, 0(t1)
      sw t0, 0(t1)
      j sleep
    """

  /// Drives a virtio network adapter in the last slot: each frame's 15th byte goes to the serial port; s1 counts its looks.
  static let receiver = """
      .macro register offset value
      li t1, \\value
      sw t1, \\offset(s0)
      .endm
      li s0, 0x10008000
      register 0x70 1
      register 0x70 3
      register 0x24 1
      register 0x20 1           # VERSION_1
      register 0x70 11
      register 0x30 0
      register 0x38 8
      la t1, descriptors
      sw t1, 0x80(s0)
      la t1, available
      sw t1, 0x90(s0)
      la t1, used
      sw t1, 0xa0(s0)
      register 0x44 1
      register 0x70 15
      la s2, descriptors
      la s3, available
      la s4, used
      la s5, buffer
      li s6, 0x10000000
      sd s5, 0(s2)
      li t0, 2048
      sw t0, 8(s2)
      li t0, 2
      sh t0, 12(s2)             # the device writes it
      li s7, 0                  # frames so far
    offer:
      addi t0, s7, 1
      sh t0, 2(s3)
      sw zero, 0x50(s0)
    look:
      addi s1, s1, 1
      lhu t0, 2(s4)
      beq t0, s7, look
      mv s7, t0
      lbu a0, 26(s5)            # behind virtio's header of 12 bytes and Ethernet's of 14
      sb a0, 0(s6)
      j offer
      .data
      .balign 16
    descriptors: .zero 128
    available: .zero 32
    used: .zero 128
    buffer: .zero 2048
    """

  /// Builds page tables for Sv48 and reads a word through them in S-mode.
  static let fourLevels = """
      la t0, root
      la t1, third
      srli t1, t1, 2
      ori t1, t1, 1
      sd t1, 8*255(t0)          # 0x7f8000000000 and above
      la t0, third
      la t1, second
      srli t1, t1, 2
      ori t1, t1, 1
      sd t1, 0(t0)
      la t0, second
      la t1, first
      srli t1, t1, 2
      ori t1, t1, 1
      sd t1, 0(t0)
      la t0, first
      la t1, word
      srli t1, t1, 2
      andi t1, t1, -1024
      ori t1, t1, 0xcf
      sd t1, 0(t0)
      la t0, root               # the code itself: a page of 512 GiB
      li t1, 0xcf
      sd t1, 0(t0)
      la t0, root
      srli t0, t0, 12
      li t1, 9 << 60
      or t0, t0, t1
      csrw satp, t0
      li t0, -1
      csrw pmpaddr0, t0
      li t0, 31
      csrw pmpcfg0, t0
      li t0, 1 << 11
      csrs mstatus, t0
      li t0, 1 << 12
      csrc mstatus, t0
      la t0, supervisor
      csrw mepc, t0
      mret
    supervisor:
      li a0, 0x7f8000000000
      ld a1, 0(a0)
      j supervisor
      .data
      .balign 4096
    root: .zero 4096
    third: .zero 4096
    second: .zero 4096
    first: .zero 4096
      .globl word
    word: .dword 0x1234
    """

  /// Writes every page of its memory again and again, with ever new values.
  static let writer = """
      li s0, 0x80010000
      li s1, 0x80100000
      li s2, 1
      mv s3, sp                 # written once, in the beginning
      csrw mscratch, s2
    again:
      mv t0, s0
    next:
      sd s2, 0(t0)
      addi s2, s2, 1
      li t1, 512
    wait:
      addi t1, t1, -1
      bnez t1, wait
      li t1, 4096
      add t0, t0, t1
      bltu t0, s1, next
      j again
    """
}
