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
            [sys.executable, os.path.join(HERE, "run.py"), program, "--emulators", "qemu", "--instructions", "500000"]
            + (["--keep", keep] if keep else []), stdout=subprocess.PIPE, text=True)
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
