#!/usr/bin/env python3
"""Differential test of the machine: random blocks of up to 16 instructions run on it and on independent emulators, and
the registers, control registers and touched memory after each block must be equal.

A difference is narrowed to one instruction, shown with its disassembly, and kept as a file in the corpus, which every
run starts with. `run.py --help` lists the options."""

import argparse
import os
import shutil
import sys
import tempfile
import time

import layout
from blocks import Generator
from executors import ExecutionError, Machine, QEMU, Unicorn
from failures import Failure, corpus, show

MOST_FAILURES = 5


def differing(image, mine, theirs, plain):
    """The numbers of the records that are not equal."""
    count = image.count * image.rounds
    fields = layout.PLAIN_FIELDS if plain else range(128)
    size = layout.RECORD_SIZE
    found = []
    for start in range(layout.RECORDS, layout.RECORDS + count * size, 1 << 20):
        end = min(start + (1 << 20), layout.RECORDS + count * size)
        if mine[start:end] == theirs[start:end]:
            continue
        for place in range(start, end, size):
            if mine[place:place + size] != theirs[place:place + size]:
                index = (place - layout.RECORDS) // size
                left, right = layout.record(mine, index, plain), layout.record(theirs, index, plain)
                if any(left[i] != right[i] for i in fields) and not (
                        layout.excused(mine, left, right, plain) or image.overwrote_itself(mine, index % image.count)):
                    found.append(index)
    return found


class Comparison:
    """The machine under test beside one emulator."""

    def __init__(self, arguments, emulator, harness, folder):
        self.machine = Machine(arguments.machine_blocks, arguments.reference)
        self.emulator = emulator
        self.plain = isinstance(emulator, Unicorn)
        self.harness = harness
        self.folder = folder
        self.instructions = 0
        self.blocks = 0

    def run(self, image):
        """RAM of the machine and of the emulator after an image."""
        with open(os.path.join(self.folder, "image.ram"), "wb") as file:
            file.write(image.bytes)
        processes = [self.machine.start(image, self.folder), self.emulator.start(image, self.folder)]
        memories, errors = [], []
        for executor, process in zip((self.machine, self.emulator), processes):
            try:
                memories.append(executor.memory(process))
            except ExecutionError as error:
                errors.append(str(error))
        if errors:
            raise ExecutionError("; ".join(errors))
        return memories

    def compare(self, image):
        """Runs an image on both; the numbers of differing records and both memories."""
        mine, theirs = self.run(image)
        count = image.count * image.rounds
        self.blocks += count
        self.instructions += layout.retired(mine, count)
        found = differing(image, mine, theirs, self.plain)
        shared = slice(layout.SUPERVISOR_ROOT, layout.SETS)
        if not found and mine[shared] != theirs[shared]:
            found.append(count - 1)
        return found, mine, theirs


def calibrate(comparison, sets):
    """Measures what the harness itself retires in a block: a block without instructions."""
    layout.HARNESS_OWN = 0
    generator = Generator(0, comparison.plain)
    *_, state = generator.block()
    state["mie"] = state["medeleg"] = 0
    state["x31"] = comparison.harness[2] if comparison.plain else 0
    image = layout.Image(comparison.harness, sets, comparison.plain)
    image.add(b"\x82\x9f" if comparison.plain else b"\x02\x90", state)
    image.finish(1)
    mine, _ = comparison.run(image)
    layout.HARNESS_OWN = layout.retired(mine, 1) - (1 if comparison.plain else 0)


def test(comparison, seed, wanted, keep):
    """Runs random blocks until enough instructions have been compared, with one seed after the other; true if all were
    equal."""
    calibrate(comparison, Generator(seed, comparison.plain).sets())
    start = time.monotonic()
    failures = 0
    while comparison.instructions < wanted and failures < MOST_FAILURES:
        generator = Generator(seed, comparison.plain)
        seed += 1
        sets = generator.sets()
        image = layout.Image(comparison.harness, sets, comparison.plain)
        sources = []
        for _ in range(layout.BLOCKS):
            code, patched, state = generator.block()
            if comparison.plain:
                state["x31"] = image.leave
            image.add(code, state, patched)
            sources.append((code, state))
        image.finish(layout.ROUNDS)
        found, mine, theirs = comparison.compare(image)
        seen = set()
        for index in found:
            block = index % image.count
            if block in seen or failures >= MOST_FAILURES:
                continue
            seen.add(block)
            number = (block + 251 * (index // image.count)) % image.set_count
            registers = sets[number * layout.SET_SIZE:(number + 1) * layout.SET_SIZE]
            failure = Failure(comparison.plain, *sources[block], registers)
            show(comparison, failure, *(layout.record(m, index, comparison.plain) for m in (mine, theirs)))
            if keep:
                print("  kept as", failure.save(keep))
            failures += 1
    seconds = time.monotonic() - start
    print(f"{comparison.emulator.name}: {comparison.instructions:,} instructions in {comparison.blocks:,} blocks, "
          f"{failures} of them differ{' (stopped there)' if failures >= MOST_FAILURES else ''}, {seconds:.0f} s",
          flush=True)
    return failures == 0


def test_corpus(comparison):
    """Runs the kept blocks; true if all are equal now."""
    failures = [f for f in corpus() if f.plain == comparison.plain]
    good = True
    for failure in failures:
        image = failure.image(comparison.harness)
        layout.HARNESS_OWN = 0
        found, mine, theirs = comparison.compare(image)
        if found:
            print(f"corpus/{failure.name} differs again")
            show(comparison, failure, *(layout.record(m, found[0], comparison.plain) for m in (mine, theirs)))
            good = False
    comparison.blocks = comparison.instructions = 0
    verdict = "are" if good else "are not all"
    print(f"{comparison.emulator.name}: {len(failures)} kept blocks {verdict} equal", flush=True)
    return good


def emulators(names):
    found = []
    for name in names:
        if name == "qemu":
            if not shutil.which("qemu-system-riscv64"):
                raise SystemExit("qemu-system-riscv64 is not installed (Debian's package qemu-system-misc)")
            found.append(QEMU())
        else:
            try:
                import unicorn  # noqa: F401
            except ImportError:
                raise SystemExit("the Python package `unicorn` is not installed (pip install unicorn)") from None
            found.append(Unicorn())
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("machine_blocks", help="the built program machine-blocks")
    parser.add_argument("--instructions", type=int, default=5_000_000, help="how many to compare with QEMU")
    parser.add_argument("--unicorn-instructions", type=int, default=1_000_000, help="how many to compare with Unicorn")
    parser.add_argument("--emulators", default="qemu,unicorn", help="which of them, with commas between")
    parser.add_argument("--seed", type=int, default=1, help="the first of the seeds, one for each image")
    parser.add_argument("--reference", action="store_true", help="the machine's reference path instead of its run loop")
    parser.add_argument("--keep", metavar="FOLDER", help="write differing blocks to this folder")
    arguments = parser.parse_args()

    harness = layout.assemble("harness.S")
    good = True
    with tempfile.TemporaryDirectory(prefix="kernelarium-") as folder:
        for emulator in emulators(arguments.emulators.split(",")):
            comparison = Comparison(arguments, emulator, harness, folder)
            wanted = arguments.unicorn_instructions if comparison.plain else arguments.instructions
            try:
                good = test_corpus(comparison) and good
                good = test(comparison, arguments.seed, wanted, arguments.keep) and good
            except ExecutionError as error:
                print(error)
                good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
