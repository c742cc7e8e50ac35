#!/usr/bin/env python3
"""Runs the tests of the program on a pseudo-terminal.

usage: run.py [PROGRAM] [NAME…]    only tests whose names contain one of NAME
"""

import os
import sys
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import test_lessons  # noqa: E402
import test_prompt  # noqa: E402
import test_systems  # noqa: E402
from terminal import Failure  # noqa: E402


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    arguments = sys.argv[1:]
    program = os.path.join(root, ".build/debug/kernelarium")
    if arguments and "/" in arguments[0]:
        program = os.path.abspath(arguments.pop(0))
    if not os.access(program, os.X_OK):
        print(f"there is no program {program}: `swift build` makes it", file=sys.stderr)
        return 2
    tests = [
        (name, function)
        for module in (test_prompt, test_systems, test_lessons)
        for name, function in vars(module).items()
        if name.startswith("test_") and (not arguments or any(part in name for part in arguments))
    ]
    failures = 0
    for name, function in tests:
        start = time.monotonic()
        try:
            function(program)
            print(f"ok    {name} ({time.monotonic() - start:.1f} s)", flush=True)
        except Failure as failure:
            failures += 1
            print(f"FAIL  {name}: {failure}", flush=True)
        except Exception:
            failures += 1
            print(f"FAIL  {name}:\n{traceback.format_exc()}", flush=True)
    print(f"{len(tests) - failures} of {len(tests)} terminal tests passed")
    return 1 if failures or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
