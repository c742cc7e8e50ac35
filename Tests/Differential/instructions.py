"""Random instructions as bytes. An item is one instruction or a few that belong together; branches know only how many
items they skip. What must not happen (endless loops, waiting, changes of the harness's own state) is left out here."""

import struct

from layout import LEAVES_PAGE

POINTERS = (2, 8, 9, 10, 11)
FREE = [r for r in range(32) if r not in POINTERS]


def table_of_floating_point():
    """Tuples (funct7, rs2 or None, funct3 or None for a rounding mode, destination is an integer, source is one)."""
    rows = []
    for f in (0, 1):
        for op in (0x00, 0x04, 0x08, 0x0C):
            rows += [(op | f, None, None, 0, 0)] * 3
        rows.append((0x2C | f, 0, None, 0, 0))
        rows += [(0x10 | f, None, k, 0, 0) for k in (0, 1, 2)]
        rows += [(0x14 | f, None, k, 0, 0) for k in (0, 1)] * 2
        rows += [(0x50 | f, None, k, 1, 0) for k in (0, 1, 2)]
        rows += [(0x60 | f, k, None, 1, 0) for k in range(4)]
        rows += [(0x68 | f, k, None, 0, 1) for k in range(4)]
        rows += [(0x70 | f, 0, 0, 1, 0), (0x70 | f, 0, 1, 1, 0), (0x78 | f, 0, 0, 0, 1)]
    rows += [(0x20, 1, None, 0, 0), (0x21, 0, None, 0, 0)] * 2
    return rows


FLOATING_POINT = table_of_floating_point()
# (opcode, funct3, funct7, rs2 or None): Zba, Zbb and Zbs with registers.
BIT_REGISTER = (
    [(0x33, k, 0x10, None) for k in (2, 4, 6)] + [(0x3B, k, 0x10, None) for k in (2, 4, 6)]
    + [(0x3B, 0, 0x04, None), (0x3B, 4, 0x04, 0)]
    + [(0x33, k, 0x20, None) for k in (4, 6, 7)] + [(0x33, k, 0x05, None) for k in (4, 5, 6, 7)]
    + [(0x33, 1, 0x30, None), (0x33, 5, 0x30, None), (0x3B, 1, 0x30, None), (0x3B, 5, 0x30, None)]
    + [(0x33, 1, 0x24, None), (0x33, 5, 0x24, None), (0x33, 1, 0x34, None), (0x33, 1, 0x14, None)])
# (opcode, funct3, immediate, bits of it that are random).
BIT_IMMEDIATE = (
    [(0x13, 1, 0x600 + k, 0) for k in (0, 1, 2, 4, 5)] + [(0x1B, 1, 0x600 + k, 0) for k in (0, 1, 2)]
    + [(0x13, 5, 0x287, 0), (0x13, 5, 0x6B8, 0), (0x13, 5, 0x600, 63), (0x1B, 5, 0x600, 31), (0x1B, 1, 0x080, 63)]
    + [(0x13, 1, 0x480, 63), (0x13, 5, 0x480, 63), (0x13, 1, 0x680, 63), (0x13, 1, 0x280, 63)])
REGISTER_WORD = [(0, 0), (0, 1), (0, 5), (0x20, 0), (0x20, 5), (1, 0), (1, 4), (1, 5), (1, 6), (1, 7)]
ATOMIC = [0, 1, 2, 3, 2, 3, 4, 8, 12, 16, 20, 24, 28]
# Registers that blocks read and write.
STATE = [0x001, 0x002, 0x003, 0x003, 0x140, 0x141, 0x142, 0x143, 0x100, 0x100, 0x340, 0x341, 0x342, 0x343, 0x300, 0x300]
# Registers, real ones and others, that blocks only read.
STATE_READ = [0x105, 0x104, 0x106, 0x10A, 0x180, 0x301, 0x302, 0x303, 0x304, 0x305, 0x306, 0xF14, 0x3A0, 0x3B0, 0x3B1,
              0x7C0, 0x5C0, 0x800, 0xC00, 0xC01, 0xC02]


class StoreToCode(bytes):
    """An item whose last word is changed by the item itself."""


class Source:
    """Random items for one kind of block."""

    def __init__(self, random, privilege, plain, state, flags_alone=True, aligned=False):
        self.random = random
        self.bits = random.getrandbits
        self.privilege = privilege
        self.plain = plain
        # Registers that are never written: the way out, and values for `satp`. A page table outside memory is an access
        # fault by the specification, and a page fault on QEMU.
        self.kept = (1, 31) if plain else (28, 29) if privilege == 1 else ()
        self.entries = state["entries"]
        self.walks = privilege == 1 and state["satp"] != 0
        self.enabled = state["mie"]
        self.has_timer = state["menvcfg"] != 0
        self.reads_time = state["mcounteren"] != 0
        # Whether instructions that change nothing of the floating-point state but flags are wanted.
        self.flags_alone = flags_alone
        # Whether addresses are multiples of 8 as long as nothing spoils a pointer.
        self.aligned = aligned or plain

    def reg(self):
        return self.bits(5)

    def rd(self):
        """A destination: rarely a pointer, and never one where a wild store could reach the harness."""
        r = self.bits(5)
        while r in POINTERS and (self.privilege == 3 or self.bits(3)) or r in self.kept:
            r = self.bits(5)
        return r

    def pointer(self):
        if self.privilege != 3 and not self.bits(4):
            return self.bits(5)
        return POINTERS[self.bits(8) % 5]

    def offset(self):
        """A small signed offset, aligned as a rule."""
        value = self.bits(6) - 32
        return (value if not self.bits(2) and not self.aligned else value & ~7) & 0xFFF

    def first_item(self):
        """An item for the start of a block, where there is room for the longest ones."""
        return self.fence_after_change() if self.walks and not self.bits(3) else self.item()

    def item(self):
        k = self.bits(8)
        if k < 36:
            return self.immediate()
        if k < 46:
            return self.immediate_word()
        if k < 74:
            f7 = (0, 0x20, 1, 1)[self.bits(2)]
            f3 = (0, 5)[self.bits(1)] if f7 == 0x20 else self.bits(3)
            return self.word(0x33, self.rd(), f3, self.reg(), f7 << 5 | self.reg())
        if k < 88:
            f7, f3 = REGISTER_WORD[self.bits(8) % 10]
            return self.word(0x3B, self.rd(), f3, self.reg(), f7 << 5 | self.reg())
        if k < 94:
            return struct.pack("<I", (0x37, 0x17)[self.bits(1)] | self.rd() << 7 | self.bits(20) << 12)
        if k < 124:
            return self.memory()
        if k < 134:
            return self.atomic()
        if k < 178:
            return self.floating_point()
        if k < 196:
            return self.compressed()
        if k < 206:
            return ("branch", self.bits(3), self.reg(), self.reg(), self.bits(2))
        if self.plain:
            return self.floating_point() if k < 240 else self.compressed()
        if k < 222:
            return self.bit_manipulation()
        if k < 240:
            return self.state()
        if k < 244:
            return self.store_to_code()
        if k < 247:
            return struct.pack("<I", (0x0FF0_000F, 0x0000_100F, 0x1200_0073, 0x0330_000F)[self.bits(2)])
        if k < 249:
            return self.trap_return()
        if k < 250 and self.privilege != 3:
            return self.wild()
        return self.compressed()

    def word(self, opcode, rd, f3, rs1, high):
        return struct.pack("<I", opcode | rd << 7 | f3 << 12 | rs1 << 15 | (high & 0xFFF) << 20)

    def immediate(self):
        f3 = self.bits(3)
        high = self.bits(12)
        if f3 == 1:
            high &= 63
        elif f3 == 5:
            high &= 0x43F
        return self.word(0x13, self.rd(), f3, self.reg(), high)

    def immediate_word(self):
        f3 = (0, 0, 1, 5)[self.bits(2)]
        high = self.bits(12) if f3 == 0 else self.bits(5) | (self.bits(1) << 10 if f3 == 5 else 0)
        return self.word(0x1B, self.rd(), f3, self.reg(), high)

    def memory(self):
        offset = self.offset()
        k = self.bits(4)
        if k < 7:
            return self.word(0x03, self.rd(), k, self.pointer(), offset)
        if k < 12:
            return self.store(0x23, k & 3, self.reg(), offset)
        if k < 14:
            size = 2 + self.bits(1)
            return self.word(0x07, self.float_register(size - 2), size, self.pointer(), offset)
        size = 2 + self.bits(1)
        return self.store(0x27, size, self.float_register(size - 2), offset)

    def store(self, opcode, f3, rs2, offset):
        return self.word(opcode, offset & 31, f3, self.pointer(), offset >> 5 << 5 | rs2)

    def atomic(self):
        operation = ATOMIC[self.bits(8) % 13]
        size = 2 + self.bits(1)
        pointer = self.pointer()
        if operation == 2 and not self.bits(2):
            return self.word(0x2F, self.rd(), size, pointer, 2 << 7)
        if operation in (2, 3):
            # A reservation and the store that goes with it: whether one that fails may fault is up to the hart.
            while pointer == 0 or (rd := self.rd()) == pointer:
                pointer = self.pointer()
            return (self.word(0x2F, rd, size, pointer, 2 << 7)
                    + self.word(0x2F, self.rd(), size, pointer, 3 << 7 | self.reg()))
        return self.word(0x2F, self.rd(), size, pointer, operation << 7 | self.reg())

    def float_register(self, double):
        """Without checks of boxing on the other side, singles and doubles are kept apart."""
        r = self.bits(5)
        return r & 15 | double << 4 if self.plain else r

    def rounding(self):
        k = self.bits(4)
        if k < 9:
            return 7
        return k - 9 if k < 14 else 0 if self.plain else k - 9

    def floating_point(self):
        if not self.bits(2):
            double = self.bits(1)
            high = self.float_register(double) << 7 | double << 5 | self.float_register(double)
            return self.word(
                (0x43, 0x47, 0x4B, 0x4F)[self.bits(2)], self.float_register(double), self.rounding(),
                self.float_register(double), high)
        f7, rs2, f3, to_integer, from_integer = FLOATING_POINT[self.random.randrange(len(FLOATING_POINT))]
        double = f7 & 1
        if to_integer and f7 >> 1 in (0x28, 0x30) and not self.flags_alone:
            return self.compressed()
        if self.plain and f7 >> 1 == 0x0A:
            # The meaning of minimum and maximum of NaNs changed between versions of the specification.
            return self.compressed()
        from_double = 1 - double if f7 >> 1 == 0x10 else double
        rd = self.rd() if to_integer else self.float_register(double)
        rs1 = self.reg() if from_integer else self.float_register(from_double)
        high = f7 << 5 | (self.float_register(double) if rs2 is None else rs2)
        return self.word(0x53, rd, self.rounding() if f3 is None else f3, rs1, high)

    def bit_manipulation(self):
        if self.bits(1):
            opcode, f3, f7, rs2 = BIT_REGISTER[self.random.randrange(len(BIT_REGISTER))]
            return self.word(opcode, self.rd(), f3, self.reg(), f7 << 5 | (self.reg() if rs2 is None else rs2))
        opcode, f3, high, free = BIT_IMMEDIATE[self.random.randrange(len(BIT_IMMEDIATE))]
        if (opcode, high) == (0x1B, 0x601):
            # `ctzw`: QEMU 7.2 looks at the upper half if the lower one is zero.
            t = 12 + self.bits(2)
            return self.word(0x13, t, 6, self.reg(), 0x400) + self.word(opcode, self.rd(), f3, t, high)
        return self.word(opcode, self.rd(), f3, self.reg(), high | self.bits(6) & free)

    def compressed(self):
        while True:
            v = self.bits(16)
            q, f, d = v & 3, v >> 13, v >> 7 & 31
            low, high = 8 + (v >> 2 & 7), 8 + (v >> 7 & 7)
            destination = None
            if q == 3:
                continue
            if q == 0:
                if f == 4 or f == 0 and not v >> 5:
                    continue
                if self.plain and (f in (1, 5)):
                    continue
                destination = low if f in (0, 2, 3) else None
                if f in (2, 3, 6, 7, 1, 5) and (high not in POINTERS or v & 0x1C00):
                    continue
            elif q == 1:
                if f in (5, 6, 7):
                    continue
                if f == 4:
                    destination = high
                    if self.plain and (v >> 10 & 3) == 3 and v >> 12 & 1 and (v >> 5 & 3) >= 2:
                        continue
                else:
                    destination = d
                if self.plain and (f == 1 and d == 0 or f == 3 and not (v >> 2 & 31 or v >> 12 & 1)):
                    continue
            else:
                if f == 4 and not v >> 2 & 31:
                    continue
                if f in (1, 5) and self.plain or f in (2, 3) and d == 0 and self.plain:
                    continue
                if f in (1, 2, 3, 5, 6, 7) and v & 0x1C1C and self.bits(2):
                    continue
                if self.plain and f in (6, 7) and v & 0x80:
                    continue
                destination = d if f in (0, 2, 3, 4) else None
            if destination in POINTERS and (self.privilege == 3 or self.bits(3)):
                continue
            if destination in self.kept:
                continue
            return struct.pack("<H", v)

    def state(self):
        """A CSR instruction."""
        if not self.bits(2):
            return self.word(0x73, self.rd(), 2 + self.bits(1), 0, self.pick_readable())
        if self.privilege == 1 and not self.bits(3):
            # Another address space: x28 and x29 hold values for `satp`.
            return self.word(0x73, self.rd(), 1, 28 + self.bits(1), 0x180)
        if self.enabled and self.privilege and not self.bits(1):
            return self.interrupt_register()
        number = STATE[self.random.randrange(len(STATE))]
        f3 = (1, 2, 3, 5, 6, 7)[self.random.randrange(6)]
        if number in (0x100, 0x300):
            return self.status(number, f3)
        if number <= 3 and not self.flags_alone:
            f3 = 1
        if number in (0x141, 0x341):
            # QEMU 7.2 keeps the lowest bit of `sepc` and `mepc`, which is always zero.
            t = 12 + self.bits(2)
            return self.word(0x13, t, 7, self.reg(), 0xFFE) + self.word(0x73, self.rd(), f3 & 3, t, number)
        return self.word(0x73, self.rd(), f3, self.reg(), number)

    def status(self, number, f3):
        """Changes fields of `mstatus` that mean the same everywhere: not the register width of U-mode, nor MPP, one
        of whose values is no mode."""
        if f3 & 4:
            return self.word(0x73, self.rd(), f3 | 2, self.bits(5) & 0b01010, number)
        t = 12 + self.bits(2)
        # FS goes to off or dirty: QEMU 7.2 does not notice that flags alone change.
        high = self.bits(32) & 0x3F << 17 | (3 << 13 if self.bits(1) else 0)
        low = self.bits(12) & 0x1AA
        return (struct.pack("<I", 0x37 | t << 7 | high) + self.word(0x13, t, 0, t, low)
                + self.word(0x73, self.rd(), f3, t, number))

    def pick_readable(self):
        while True:
            number = STATE_READ[self.random.randrange(len(STATE_READ))]
            # Counters count other things elsewhere, and M-mode may read them.
            if (self.privilege != 3 or not 0xC00 <= number <= 0xC02) and not (self.reads_time and number == 0xC01):
                return number

    def interrupt_register(self):
        """Enables interrupts or makes them pending, or moves the timer from due to never and back."""
        t = 12 + self.bits(2)
        f3 = 1 + self.random.randrange(3)
        if self.has_timer and not self.bits(1):
            # `stimecmp` becomes zero or 2^50.
            return (self.word(0x13, t, 0, 0, self.bits(1)) + self.word(0x13, t, 1, t, 50)
                    + self.word(0x73, self.rd(), 1, t, 0x14D))
        pending, enabled = (0x344, 0x304) if self.privilege == 3 else (0x144, 0x104)
        number, mask = (pending, 0x222) if self.bits(1) else (enabled, self.enabled)
        return self.word(0x13, t, 0, 0, self.bits(10) & mask) + self.word(0x73, self.rd(), f3, t, number)

    def fence_after_change(self):
        """Changes an entry of the page table between two accesses to its page, with a fence that names the page and
        its address space, or either, or neither."""
        window, page, table, entry, identifier = 12, 13, 14, 15, 16
        number = 1 + self.random.randrange(7)
        change = self.random.choice((0x400, 0x400, 0x400, 1, 2, 4, 6, 0x10, 0x40, 0x80, 0x480))
        named = page if self.bits(1) else 0
        # A fence of one address space leaves global translations alone.
        space = identifier if self.bits(1) and not self.entries[number] & 0x20 else 0
        items = [
            self.word(0x13, window, 0, 0, 5), self.word(0x13, window, 1, window, 30),
            struct.pack("<I", 0x37 | page << 7 | number << 12), self.word(0x33, page, 0, page, window),
            self.access(page),
            struct.pack("<I", 0x37 | table << 7 | LEAVES_PAGE << 12), self.word(0x33, table, 0, table, window),
            self.word(0x03, entry, 3, table, number * 8), self.word(0x13, entry, 4, entry, change),
            self.word(0x23, number * 8 & 31, 3, table, number * 8 >> 5 << 5 | entry)]
        if space:
            items += [self.word(0x73, identifier, 2, 0, 0x180), self.word(0x13, identifier, 5, identifier, 44)]
        items += [struct.pack("<I", 0x1200_0073 | named << 15 | space << 20), self.access(page)]
        return b"".join(items)

    def access(self, page):
        """A load or store in the first bytes of a page."""
        if self.bits(1):
            return self.word(0x03, 17 + self.bits(1), 3, page, self.bits(2) * 8)
        return self.word(0x23, self.bits(2) * 8, 3, page, self.reg())

    def store_to_code(self):
        """Changes an immediate in the instruction after a `fence.i`, each time it is executed."""
        t, u = 12 + self.bits(1), 14 + self.bits(1)
        target = 24
        return StoreToCode(b"".join((
            struct.pack("<I", 0x17 | t << 7),
            self.word(0x03, u, 2, t, target),
            struct.pack("<I", 0x37 | 7 << 7 | 0x100 << 12),
            self.word(0x33, u, 4, u, 7),
            struct.pack("<I", 0x23 | (target & 31) << 7 | 2 << 12 | t << 15 | u << 20 | target >> 5 << 25),
            struct.pack("<I", 0x100F),
            self.word(0x13, 16 + self.bits(3), 0, self.reg(), self.bits(12)))))

    def trap_return(self):
        """`mret` or `sret` to the instruction after it, in whatever mode `mstatus` says."""
        machine = self.bits(1)
        if self.privilege == 3 or (self.privilege == 1 and not machine):
            t = 12 + self.bits(2)
            number = 0x341 if machine else 0x141
            # QEMU 7.2 does not clear MPRV when it leaves M-mode.
            clear = struct.pack("<II", 0x37 | t << 7 | 1 << 17, 0x3000_3073 | t << 15) if self.privilege == 3 else b""
            return (clear + struct.pack("<I", 0x17 | t << 7) + self.word(0x13, t, 0, t, 16)
                    + self.word(0x73, 0, 1, t, number) + struct.pack("<I", 0x3020_0073 if machine else 0x1020_0073))
        return struct.pack("<I", 0x3020_0073 if machine else 0x1020_0073)

    def wild(self):
        """Any bits at all but jumps, which might never end, and the system's instructions."""
        while True:
            v = self.bits(32)
            if v >> 7 & 31 in self.kept:
                continue
            if v & 3 == 3:
                if v & 0x7F not in (0x63, 0x6F, 0x67, 0x73):
                    return struct.pack("<I", v)
            elif not (v & 3 == 1 and v >> 13 & 7 in (5, 6, 7) or v & 0xE07F == 0x8002):
                return struct.pack("<H", v & 0xFFFF)
