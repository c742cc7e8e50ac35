"""Blocks whose results differ: kept as files, narrowed to one instruction, and shown."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile

import layout

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


class Failure:
    """All that is needed to run one block again."""

    def __init__(self, plain, code, state, registers, name=None):
        self.plain = plain
        self.code = code
        self.state = state
        self.registers = registers
        self.name = name

    @classmethod
    def load(cls, path):
        with open(path, encoding="utf-8") as file:
            kept = json.load(file)
        state = {name: [int(entry, 16) for entry in value] if isinstance(value, list) else int(value, 16)
                 for name, value in kept["state"].items()}
        return cls(kept["plain"], bytes.fromhex(kept["code"]), state, base64.b64decode(kept["registers"]),
                   os.path.basename(path))

    def save(self, folder):
        """Writes the block as a file and returns its path."""
        os.makedirs(folder, exist_ok=True)
        digest = hashlib.sha256(self.code + self.registers).hexdigest()[:12]
        path = os.path.join(folder, f"{digest}.json")
        state = {name: [hex(e) for e in v] if isinstance(v, list) else hex(v) for name, v in self.state.items()}
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"disassembly": disassembly(self.code), "plain": self.plain, "code": self.code.hex(),
                       "state": state, "registers": base64.b64encode(self.registers).decode()}, file, indent=1)
            file.write("\n")
        return path

    def image(self, harness, codes=None):
        """An image with this block only, or with several versions of it, each in the same state."""
        image = layout.Image(harness, self.registers, self.plain)
        if self.plain:
            self.state["x31"] = image.leave
        for code in codes or [self.code]:
            image.add(code, self.state)
        image.finish(1)
        return image


def corpus():
    """The blocks kept from earlier runs."""
    names = sorted(os.listdir(FOLDER)) if os.path.isdir(FOLDER) else []
    return [Failure.load(os.path.join(FOLDER, name)) for name in names if name.endswith(".json")]


def offsets(code):
    """Where the instructions of a block begin, without its end."""
    found, offset = [], 0
    while offset < len(code):
        found.append(offset)
        offset += 4 if code[offset] & 3 == 3 else 2
    return found


def disassembly(code):
    """The block as llvm-objdump reads it."""
    tools = os.path.dirname(os.path.realpath(shutil.which("swiftc")))
    with tempfile.TemporaryDirectory() as folder:
        source, target = os.path.join(folder, "b.s"), os.path.join(folder, "b.o")
        # Bytes are code only if a mapping symbol says so.
        with open(source, "w", encoding="utf-8") as file:
            file.write("$x:\n" + "".join(f".byte {byte}\n" for byte in code))
        march = "rv64gc_zicsr_zifencei_zba_zbb_zbs"
        subprocess.run(
            [tools + "/clang", "--target=riscv64-none-elf", f"-march={march}", "-c", source, "-o", target], check=True)
        listing = subprocess.run(
            [tools + "/llvm-objdump", "-d", "-M", "no-aliases", target], check=True, stdout=subprocess.PIPE, text=True)
    return [" ".join(line.split()) for line in listing.stdout.splitlines() if line.startswith("  ")]


def narrow(comparison, failure):
    """The offset of the instruction after which both sides differ first, by ending the block before each in turn.

    None if the block alone does not differ: then what it needs was done by blocks before it."""
    end = b"\x82\x9f" if failure.plain else b"\x02\x90"
    places = offsets(failure.code)
    versions = [failure.code[:place] + end + failure.code[place + 2:] for place in places] + [failure.code]
    image = failure.image(comparison.harness, versions)
    base = layout.BASE + layout.CODE
    mine, theirs = comparison.run(image)
    fields = layout.PLAIN_FIELDS if failure.plain else range(128)
    start = failure.state.get("alias", layout.BASE) + layout.CODE if not failure.plain else base
    executed = None
    for index, place in enumerate(places):
        left, right = (layout.record(m, index, failure.plain) for m in (mine, theirs))
        address = start + index * len(failure.code) + place
        # Where it ended: `mepc`, or the link of the jump out.
        stopped = [r[1] - 2 if failure.plain else r[64] for r in (left, right)]
        if address not in stopped:
            continue
        moved = {0, 64, 65, 67} if not failure.plain else {1}
        if any(left[i] != right[i] for i in fields if i not in moved) or stopped[0] != stopped[1]:
            return executed
        executed = place
    left, right = (layout.record(m, len(places), failure.plain) for m in (mine, theirs))
    return executed if any(left[i] != right[i] for i in fields) else None


def show(comparison, failure, left, right):
    """Prints a difference: the fields, the block, and the instruction to blame."""
    print(f"DIFFERENCE between the machine and {comparison.emulator.name}")
    fields = layout.PLAIN_FIELDS if failure.plain else range(128)
    for i in [i for i in fields if left[i] != right[i]][:12]:
        print(f"  {layout.FIELDS[i]:>14}: machine {left[i]:#018x}  {comparison.emulator.name} {right[i]:#018x}")
    culprit = narrow(comparison, failure)
    named = ("mstatus", "satp", "medeleg", "fcsr")
    state = " ".join(f"{name}={value:#x}" for name, value in failure.state.items() if name in named and value)
    print(f"  in a block that starts with {state}")
    for line in disassembly(failure.code):
        mark = "=>" if culprit is not None and line.startswith(f"{culprit:x}:") else "  "
        print(f"  {mark} {line}")
    if culprit is None:
        print("  (equal when run alone: it depends on blocks before it)")
    print(flush=True)
