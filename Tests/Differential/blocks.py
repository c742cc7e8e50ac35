"""Random blocks: code, and the state of the hart in which it starts. Equal seeds give equal blocks."""

import random
import struct

from instructions import Source, StoreToCode
from layout import (
    BASE, CODE_ALIAS, DATA, FURTHER_FIELDS, SET_COUNT, STUB, STUB_PAGE, SUPERVISOR_SATP, USER_SATP, WINDOW)

# SSI, STI and SEI.
SUPERVISOR_INTERRUPTS = 0x222
# How an entry of physical memory protection matches.
TOP_OF_RANGE, FOUR_BYTES, NATURALLY_ALIGNED = 0x08, 0x10, 0x18
SPECIAL = [0, 1, 2, 2**64 - 1, 2**63, 2**63 - 1, 2**31, 2**31 - 1, 2**32 - 1, 2**64 - 2**31, 2**32]
BOX = 0xFFFF_FFFF << 32
SINGLES = [0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0x7F80_0001, 0xFFC1_2345,
           1, 0x0080_0000, 0x007F_FFFF, 0x7F7F_FFFF, 0x4F00_0000, 0xCF00_0000, 0x5F00_0000, 0xDF00_0000, 0x3F00_0000,
           0x4B00_0001, 0x4F80_0000]
DOUBLES = [0, 1 << 63, 0x3FF << 52, 0xBFF << 52, 0x7FF << 52, 0xFFF << 52, 0x7FF8 << 48, (0x7FF << 52) + 1, 1,
           1 << 52, (1 << 52) - 1, (0x7FF << 52) - 1, 0x41E0 << 48, 0xC1E0 << 48, 0x43E0 << 48, 0xC3E0 << 48,
           0x3FE0 << 48, 0x4330_0000_0000_0001, 0x47EF_FFFF_E000_0000, 0x3690_0000_0000_0000, 0x36A0_0000_0000_0000]


def integer(r):
    k = r.getrandbits(3)
    if k < 3:
        return r.choice(SPECIAL)
    value = r.getrandbits(64)
    return value >> r.getrandbits(6) if k < 5 else value


def single(r):
    k = r.getrandbits(3)
    if k < 3:
        return r.choice(SINGLES)
    if k < 6:
        # Near 1: sums and products that round.
        return r.getrandbits(1) << 31 | (127 + r.randrange(-26, 26)) << 23 | r.getrandbits(23)
    return r.getrandbits(32)


def double(r):
    k = r.getrandbits(3)
    if k < 3:
        return r.choice(DOUBLES)
    if k < 6:
        return r.getrandbits(1) << 63 | (1023 + r.randrange(-54, 54)) << 52 | r.getrandbits(52)
    return r.getrandbits(64)


def register_sets(r, plain, count=SET_COUNT):
    """Values for the integer and floating-point registers and the memory that is compared."""
    sets = bytearray()
    for _ in range(count):
        x = [integer(r) for _ in range(32)]
        # Without a fence, two spaces with one identifier may see each other's translations: one has even identifiers.
        x[28] = r.choice(SUPERVISOR_SATP) | r.getrandbits(3) << 45
        x[29] = r.choice(USER_SATP) | (r.getrandbits(3) << 1 | 1) << 44
        f = []
        for number in range(32):
            if plain:
                f.append(double(r) if number >= 16 else BOX | single(r))
            else:
                f.append(double(r) if r.getrandbits(1) else (BOX if r.getrandbits(4) else 0) | single(r))
        memory = [integer(r) if r.getrandbits(1) else r.getrandbits(64) for _ in range(32)]
        sets += struct.pack("<96Q", *x, *f, *memory)
    return bytes(sets)


def descriptor(r, privilege, plain):
    """The state in which a block starts."""
    d = dict.fromkeys("satp medeleg mideleg mie mip fcsr x31".split(), 0)
    status = privilege << 11 | (3 << 13 if plain or r.getrandbits(3) else r.getrandbits(2) << 13)
    d["fcsr"] = r.randrange(5) << 5 | r.getrandbits(5) if plain or r.getrandbits(4) else r.getrandbits(8)
    virtual = False
    d["stvec"] = BASE + STUB
    d["entries"] = [0] * 8
    d["pmpcfg0"], d["pmpaddr4"] = 0x1F98_0000_1D08_8808, 0
    d |= FURTHER_FIELDS
    d["sepc"] = BASE + STUB
    if not plain:
        paged = r.getrandbits(8) < 160
        status |= r.getrandbits(32) & (0b111 << 20 | 3 << 18 | 1 << 8 | 1 << 7 | 1 << 5)
        if privilege == 3:
            virtual = paged and r.getrandbits(2) == 0
            status |= 1 << 17 if virtual else 0
            status &= ~(1 << 3 | 1 << 7)
        else:
            virtual = paged
        if paged:
            mode = r.getrandbits(1)
            d["satp"] = SUPERVISOR_SATP[mode] if privilege == 1 else USER_SATP[mode] | 1 << 44
            d["satp"] |= r.getrandbits(15) << 45
            d["entries"] = [leaf(r, privilege) for _ in range(8)]
            if privilege != 3 and virtual:
                d["stvec"] = d["sepc"] = STUB_PAGE
                if r.getrandbits(2) == 0:
                    d["alias"] = CODE_ALIAS
        if r.getrandbits(2) == 0:
            # Neither calls from S-mode nor fetch access faults: the supervisor's handler must get out.
            d["medeleg"] = r.getrandbits(16) & 0xB1FD
        if r.getrandbits(2) == 0:
            interrupts(r, d)
        if r.getrandbits(3) == 0:
            protect(r, d)
    d["mstatus"] = status
    for name in ("x2", "x8", "x9", "x10", "x11"):
        page = 1 + (r.getrandbits(16) % (7 if virtual else 3))
        misaligned = not plain and not d["pmpaddr4"] and r.getrandbits(3) == 0
        delta = r.randrange(-24, 17) if misaligned else r.randrange(-3, 3) * 8
        d[name] = (WINDOW if virtual else BASE + DATA) + page * 4096 + delta
    return d


def interrupts(r, d):
    """Software, timer and external interrupts of S-mode, some pending from the start; the timer due or never."""
    d["mideleg"], d["mip"] = (r.getrandbits(10) & SUPERVISOR_INTERRUPTS for _ in range(2))
    # Only one kind is ever enabled: among several, QEMU takes the one with the lowest number.
    d["mie"] = r.choice((2, 0x20, 0x200))
    d["stvec"] |= r.getrandbits(1)
    if r.getrandbits(1):
        d["menvcfg"] = 1 << 63
        d["stimecmp"] = 0 if r.getrandbits(1) else FURTHER_FIELDS["stimecmp"]
        d["mcounteren"] = r.getrandbits(1) << 1


def protect(r, d):
    """Other rights for a data page or for a few bytes near the ends of one, where blocks have their data."""
    page = BASE + DATA + r.getrandbits(2) * 4096
    place = page + r.choice((0, 8, 16, 24, 4064, 4072, 4080, 4088))
    rights = r.choice((0, 1, 3, 4, 5, 7))
    kind = r.getrandbits(2)
    if kind == 0:
        d["pmpaddr4"], match = page >> 2 | 0x1FF, NATURALLY_ALIGNED
    elif kind == 1:
        size = 8 << r.getrandbits(2)
        d["pmpaddr4"], match = (place & -size) >> 2 | (size >> 3) - 1, NATURALLY_ALIGNED
    elif kind == 2:
        d["pmpaddr4"], match = (place + r.getrandbits(1) * 4) >> 2, FOUR_BYTES
    else:
        # The entry before says where the range begins, and is off.
        d["pmpaddr4"] = place >> 2
        d["pmpaddr5"] = d["pmpaddr4"] + r.getrandbits(4)
        d["pmpcfg0"] |= (TOP_OF_RANGE | rights) << 40
        return
    d["pmpcfg0"] |= (match | rights) << 32


def leaf(r, privilege):
    """An entry of the last level, right for the privilege as a rule."""
    if r.getrandbits(2):
        flags = 0xF if privilege == 1 else 0x1F
        flags |= r.getrandbits(2) << 6 | r.getrandbits(1) << 5
    else:
        flags = r.getrandbits(8) | (1 if r.getrandbits(3) else 0)
    reserved = 1 << r.randrange(54, 64) if r.getrandbits(6) == 0 else 0
    return reserved | (BASE + DATA + r.getrandbits(2) * 4096) >> 2 | flags


def code(r, source):
    """The bytes of up to sixteen instructions and the end of the block, and the offsets of words that it changes."""
    items = []
    total = 0
    wanted = r.randrange(6, 17)
    while total < wanted:
        item = source.item() if items else source.first_item()
        count = 1 if isinstance(item, tuple) else instruction_count(item)
        if total + count > 16:
            break
        items.append(item)
        total += count
    if source.plain:
        end = b"\x82\x9f"
    else:
        k = r.getrandbits(4)
        end = b"\0\0" if k == 0 else b"\x02\x90" if k < 4 else b"\x73\0\0\0"
    items.append(end)
    sizes = [4 if isinstance(item, tuple) else len(item) for item in items]
    result = bytearray()
    patched = []
    for index, item in enumerate(items):
        if isinstance(item, tuple):
            item = branch(item, sum(sizes[index:min(index + 2 + item[4], len(items) - 1)]))
        result += item
        if isinstance(item, StoreToCode):
            patched.append(len(result) - 4)
    return bytes(result), patched


def instruction_count(item):
    count = offset = 0
    while offset < len(item):
        offset += 4 if item[offset] & 3 == 3 else 2
        count += 1
    return count


def branch(item, offset):
    _, kind, rs1, rs2, _ = item
    if kind in (2, 3):
        rd = 7
        return struct.pack("<I", 0x6F | rd << 7 | (offset & 0x7FE) << 20)
    return struct.pack(
        "<I", 0x63 | kind << 12 | rs1 << 15 | rs2 << 20 | (offset & 0x1E) << 7 | (offset >> 5 & 0x3F) << 25)


class Generator:
    """All blocks of one test."""

    def __init__(self, seed, plain):
        self.random = random.Random(seed * 2 + plain)
        self.plain = plain

    def sets(self):
        return register_sets(self.random, self.plain)

    def block(self):
        """The code of a block, the offsets of words that it changes, and its starting state."""
        r = self.random
        privilege = 3 if self.plain else (3, 3, 1, 1, 1, 0, 0, 0)[r.getrandbits(3)]
        state = descriptor(r, privilege, self.plain)
        # QEMU 7.2 does not mark the floating-point state dirty where flags alone change.
        flags_alone = (state["mstatus"] >> 13) & 3 in (0, 3)
        # QEMU checks the bytes of an access that crosses pages as if the pages were neighbours.
        aligned = state["pmpaddr4"] != 0
        source = Source(r, privilege, self.plain, state, flags_alone, aligned)
        return *code(r, source), state
