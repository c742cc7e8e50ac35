"""The memory of a differential test: where harness.S finds its input and leaves its records. Offsets from the base of
RAM. Knows nothing of instructions or emulators."""

import array
import os
import shutil
import struct
import subprocess
import tempfile

BASE = 0x8000_0000
MEMORY = 64 << 20
PARAMETERS = 0x4000
STUB = 0x10000
SUPERVISOR_ROOT = 0x11000
USER_ROOT = 0x12000
MIDDLE = 0x13000
LEAVES = 0x14000
SUPERVISOR_TOP = 0x17000
USER_TOP = 0x18000
DATA = 0x20000
SETS = 0x30000
SET_COUNT = 1024
SET_SIZE = 768
DESCRIPTORS = 0x100000
CODE = 0x400000
CODE_END = 0x800000
RECORDS = 0x800000
RECORD_SIZE = 1024
COUNTS = 0x3000000

BLOCKS = 8000
ROUNDS = 4

# Virtual addresses under either page table; physically nothing is there but the code.
WINDOW = 0x1_4000_0000
STUB_PAGE = 0x1_4001_F000
CODE_ALIAS = 0xC000_0000
# The page of the window that holds the entries of its last level; for the supervisor only.
LEAVES_PAGE = 30
# Each address space by Sv39 and by Sv48, whose top level leads to the other's root.
SUPERVISOR_SATP = (8 << 60 | (BASE + SUPERVISOR_ROOT) >> 12, 9 << 60 | (BASE + SUPERVISOR_TOP) >> 12)
USER_SATP = (8 << 60 | (BASE + USER_ROOT) >> 12, 9 << 60 | (BASE + USER_TOP) >> 12)

STATE_NAMES = ("mepc mtval mstatus sepc scause stval fcsr satp sscratch mip stvec mie").split()
FIELDS = (
    ["mcause"] + [f"x{i}" for i in range(1, 32)] + [f"f{i}" for i in range(32)] + STATE_NAMES
    + [f"PTE {i}" for i in range(8)] + [""] * 12
    + [f"memory {page * 4096 + place + i * 8:#x}" for page in range(4) for place in (0, 4064) for i in range(4)])
# What is the same on an emulator without traps.
PLAIN_FIELDS = [i for i, name in enumerate(FIELDS) if name[:1] in ("x", "f") or name.startswith("memory")]

DESCRIPTOR_FIELDS = (
    "pc mstatus satp medeleg mideleg mie mip fcsr stvec sepc pmpcfg0 pmpaddr4 x2 x8 x9 x10 x11 x31").split()
# These follow the eight entries of the page table; blocks kept before there were any have the values given here.
FURTHER_FIELDS = {"pmpaddr5": 0, "menvcfg": 0, "stimecmp": 1 << 50, "mcounteren": 0}


def assemble(name):
    """The bytes of the harness, and the addresses of `stopped` and `leave` in it."""
    tools = os.path.dirname(os.path.realpath(shutil.which("swiftc")))
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)), name)
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f) for f in ("h.o", "h.elf", "h.bin")]
        subprocess.run(
            [tools + "/clang", "--target=riscv64-none-elf", "-march=rv64gc_zicsr_zifencei", "-mabi=lp64",
             "-mcmodel=medany", "-nostdlib", "-c", source, "-o", paths[0]], check=True)
        subprocess.run(
            [tools + "/ld.lld", "--no-relax", "-Ttext", hex(BASE), "-e", "_start", paths[0], "-o", paths[1]],
            check=True)
        subprocess.run([tools + "/llvm-objcopy", "-O", "binary", paths[1], paths[2]], check=True)
        with open(paths[2], "rb") as file:
            code = file.read()
    enabled, stopped, leave = struct.unpack("<3Q", code[-24:])
    assert enabled == 1 and len(code) < PARAMETERS
    return code, stopped, leave


def page_tables(image):
    """Two address spaces that share their data pages: in one the blocks are supervisor code, in the other user code."""
    def entry(table, index, target, flags):
        struct.pack_into("<Q", image, table + index * 8, (BASE + target) >> 2 | flags)
    for top, root, user in ((SUPERVISOR_TOP, SUPERVISOR_ROOT, 0), (USER_TOP, USER_ROOT, 0x10)):
        entry(top, 0, root, 1)
        entry(root, 5, MIDDLE, 1)
        code = 0x15000 if user else 0x16000
        entry(root, 2, code, 1)
        entry(root, 3, code, 1)
        entry(code, 0, 0, 0xCF)
        for large_page in range(1, 32):
            entry(code, large_page, large_page << 21, 0xCF | user)
    entry(MIDDLE, 0, LEAVES, 1)
    entry(LEAVES, LEAVES_PAGE, LEAVES, 0xC7)
    entry(LEAVES, 31, STUB, 0x4B)
    for offset in range(0, 128, 4):
        struct.pack_into("<I", image, STUB + offset, 0x73)


class Image:
    """RAM before a run: the harness, sets of registers and blocks."""

    def __init__(self, harness, sets, plain=False):
        self.bytes = bytearray(CODE_END)
        code, self.stopped, self.leave = harness
        self.plain = plain
        self.bytes[:len(code)] = code
        if plain:
            struct.pack_into("<Q", self.bytes, len(code) - 24, 0)
        page_tables(self.bytes)
        self.set_count = len(sets) // SET_SIZE
        self.bytes[SETS:SETS + len(sets)] = sets
        self.end = CODE
        self.count = 0
        self.blocks = []

    def add(self, code, descriptor, patched=()):
        """Places a block's code, after what is there already; `patched` are the offsets of words that it changes."""
        address = self.end
        self.bytes[address:address + len(code)] = code
        self.end += len(code)
        self.blocks.append((address, len(code), patched))
        self.describe(address, descriptor)
        return address

    def describe(self, address, descriptor):
        """One more run of the code at an offset."""
        values = dict(descriptor, pc=descriptor.get("alias", BASE) + address)
        struct.pack_into(
            f"<{len(DESCRIPTOR_FIELDS)}Q", self.bytes, DESCRIPTORS + self.count * 256,
            *(values[name] for name in DESCRIPTOR_FIELDS))
        struct.pack_into("<8Q", self.bytes, DESCRIPTORS + self.count * 256 + 144, *values["entries"])
        struct.pack_into(
            f"<{len(FURTHER_FIELDS)}Q", self.bytes, DESCRIPTORS + self.count * 256 + 208,
            *(values.get(name, default) for name, default in FURTHER_FIELDS.items()))
        self.count += 1

    def finish(self, rounds):
        struct.pack_into(
            "<7Q", self.bytes, PARAMETERS, self.count, rounds, BASE + DESCRIPTORS, BASE + SETS, self.set_count - 1,
            BASE + RECORDS, BASE + COUNTS)
        self.rounds = rounds
        return self.bytes

    def overwrote_itself(self, memory, block):
        """Whether a block has stored to its own code without a fence: then what it executed is up to the hart."""
        address, length, patched = self.blocks[block]
        before, after = (bytearray(m[address:address + length]) for m in (self.bytes, memory))
        for offset in patched:
            before[offset:offset + 4] = after[offset:offset + 4]
        return before != after


def record(memory, index, plain=False):
    """What the harness wrote down after a block. Unicorn does not box all results: there f0 to f15 are singles."""
    values = struct.unpack_from("<128Q", memory, RECORDS + index * RECORD_SIZE)
    if plain:
        values = values[:32] + tuple(f & 0xFFFF_FFFF for f in values[32:48]) + values[48:]
    return values


def excused(memory, mine, theirs, plain):
    """Whether a difference is a known fault of the emulator.

    An atomic instruction outside RAM raises a load access fault on QEMU, and a misaligned load that raises one reports
    the address rounded down."""
    differing = [i for i in (PLAIN_FIELDS if plain else range(128)) if mine[i] != theirs[i]]
    if plain:
        # Infinity times zero plus a quiet NaN is an invalid operation, but not on Unicorn.
        return [FIELDS[i] for i in differing] == ["fcsr"] and mine[differing[0]] == theirs[differing[0]] | 0x10
    for cause, value in ((0, 65), (68, 69)):
        if differing == [value] and mine[cause] == 5 and mine[value] & ~7 == theirs[value] & ~7 > theirs[value] - 8:
            return mine[value] > theirs[value]

    def trap(r, machine):
        return (r[0], r[64], r[65]) if machine else (r[68], r[67], r[69])

    for machine in (True, False):
        for other in (True, False):
            (cause, pc, value), (other_cause, other_pc, other_value) = trap(mine, machine), trap(theirs, other)
            if (cause, other_cause) == (7, 5) and (pc, value) == (other_pc, other_value):
                code = pc - (CODE_ALIAS if pc >= CODE_ALIAS else BASE)
                return CODE <= code < CODE_END and memory[code] & 0x7F == 0x2F and not BASE <= value < BASE + MEMORY
    return False


def retired(memory, count):
    """The instructions retired in blocks, as the harness counted them; `HARNESS_OWN` was measured before."""
    counts = array.array("Q", memory[COUNTS:COUNTS + 8 * count])
    return sum(counts) - HARNESS_OWN * count


# From reading `minstret` before a block to reading it after: its own instructions, `mret` and the jump to `leave`.
HARNESS_OWN = None
