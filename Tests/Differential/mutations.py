#!/usr/bin/env python3
"""Shows that the differential test catches bugs: plants one at a time in a copy of the machine's sources, builds that,
and expects the test to fail. Not part of every test run, because each bug takes a build: `Tests/run --mutations`.
With a folder as argument the blocks that differ are kept there."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
# What is wrong, where, the right text and the wrong text.
MUTATIONS = [
    ("wrong sign extension: `lw` leaves the upper half zero", "Machine/Execution/RunLoop.swift",
     "x[op.a] = UInt64(bitPattern: Int64(Int32(littleEndian: host.loadUnaligned(as: Int32.self))))",
     "x[op.a] = UInt64(UInt32(littleEndian: host.loadUnaligned(as: UInt32.self)))"),
    ("missed A bit: a page walk for a load marks nothing", "Machine/MMU/PageWalk.swift",
     "let marks = PageTableEntry.accessed | (access == .write ? PageTableEntry.dirty : 0)",
     "let marks = access == .read ? 0 : PageTableEntry.accessed | (access == .write ? PageTableEntry.dirty : 0)"),
    ("stale decode: a store to code keeps what was decoded from it", "Machine/Hart/MemoryAccess.swift",
     "for page in ram.takePagesWithStaleCode() { decodedCode.drop(page: page) }",
     "_ = ram.takePagesWithStaleCode()"),
    ("deaf fence: `sfence.vma` with an address drops all pages but that one", "Machine/MMU/ArchitecturalTLB.swift",
     "(entry.virtualPage ^ virtualPage) >> (9 * UInt64(entry.level)) != 0",
     "(entry.virtualPage ^ virtualPage) >> (9 * UInt64(entry.level)) == 0"),
    ("a level too few: Sv48 is walked like Sv39", "Machine/MMU/TranslationMode.swift",
     "self == .sv39 ? 3 : 4", "3"),
    ("unchecked: a miss answered in the run loop asks for no permission", "Machine/MMU/Refill.swift",
     "flags & access.marks == access.marks && permits(flags, access, privilege)",
     "flags & access.marks == access.marks"),
    ("wide protection: four bytes are eight", "Machine/Hart/PhysicalMemoryProtection.swift",
     "last = first + 3", "last = first + 7"),
    ("late timer: a write of `stimecmp` is not looked at", "Machine/Hart/ControlRegisterAccess.swift",
     "hart.stimecmp = value\n      updateTimedEvents()", "hart.stimecmp = value"),
]
PACKAGE = """// swift-tools-version: 6.2
import PackageDescription
let package = Package(
  name: "Mutant",
  targets: [
    .target(name: "RISCV", swiftSettings: [.unsafeFlags(["-O"])]),
    .target(name: "Machine", dependencies: ["RISCV"], swiftSettings: [.unsafeFlags(["-O"])]),
    .executableTarget(name: "machine-blocks", dependencies: ["Machine"]),
  ],
  swiftLanguageModes: [.v6]
)
"""


def caught(folder, path, right, wrong, keep):
    """What the test says about one bug, or nothing if it says that all is well."""
    file = os.path.join(folder, "Sources", path)
    with open(file, encoding="utf-8") as source:
        text = source.read()
    if text.count(right) != 1:
        raise SystemExit(f"{path} has changed: it does not contain exactly once: {right}")
    with open(file, "w", encoding="utf-8") as source:
        source.write(text.replace(right, wrong))
    try:
        subprocess.run(
            ["swift", "build", "--product", "machine-blocks"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        program = os.path.join(folder, ".build/debug/machine-blocks")
        result = subprocess.run(
            [sys.executable, os.path.join(HERE, "run.py"), program, "--instructions", "500000",
             "--unicorn-instructions", "100000"] + (["--keep", keep] if keep else []),
            stdout=subprocess.PIPE, text=True)
    finally:
        with open(file, "w", encoding="utf-8") as source:
            source.write(text)
    blamed = re.findall(r"=> .*", result.stdout)
    return None if result.returncode == 0 else (blamed or [result.stdout.strip()])


def main():
    keep = sys.argv[1] if len(sys.argv) > 1 else None
    with tempfile.TemporaryDirectory(prefix="kernelarium-mutant-") as folder:
        for name in ("RISCV", "Machine"):
            shutil.copytree(os.path.join(PROJECT, "Sources", name), os.path.join(folder, "Sources", name))
        shutil.copytree(os.path.join(HERE, "machine-blocks"), os.path.join(folder, "Sources/machine-blocks"))
        with open(os.path.join(folder, "Package.swift"), "w", encoding="utf-8") as file:
            file.write(PACKAGE)
        missed = 0
        for name, path, right, wrong in MUTATIONS:
            blamed = caught(folder, path, right, wrong, keep)
            missed += blamed is None
            print(f"{'MISSED' if blamed is None else 'caught'}: {name}")
            for line in blamed or []:
                print(f"    {line}")
            sys.stdout.flush()
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
