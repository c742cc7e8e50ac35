#!/usr/bin/env python3
"""Debugs the guests with gdb-multiarch, through the program's gdbserver.

Usage: gdb.py PROGRAM
Exits 1 when anything fails.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
# A machine that also compiles meanwhile is slow; a debugger that hangs is worth the wait only once.
PATIENCE = 120


def debug(program, before, commands, symbols):
    """What gdb prints for commands, each behind a line `== COMMAND`, and what the program prints then."""
    arguments = [program, "--ascii"]
    for line in before + [f"gdbserver 0 --symbols {symbols}", "info system"]:
        arguments += ["-e", line]
    return attach(arguments, commands, symbols)


def attach(arguments, commands, symbols):
    """The same for any command line that waits for a debugger."""
    server = subprocess.Popen(
        arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        port = None
        for line in server.stderr:
            found = re.search(r"target remote :(\d+)", line)
            if found:
                port = found[1]
                break
        if port is None:
            raise Failure("gdbserver never said its port", server.stdout.read())
        script = [
            "set pagination off", "set confirm off", "set debuginfod enabled off", "set width 0",
            f"file {symbols}/kernel.elf", f"target remote :{port}"]
        for command in commands:
            script += [f"echo == {command}\\n", command]
        with tempfile.NamedTemporaryFile("w", suffix=".gdb") as file:
            file.write("\n".join(script) + "\n")
            file.flush()
            gdb = subprocess.run(
                ["gdb-multiarch", "-nx", "-batch", "-x", file.name], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                text=True, cwd=ROOT, timeout=PATIENCE, env={**os.environ, "LC_ALL": "C.UTF-8"}, check=False)
        output, _ = server.communicate(timeout=PATIENCE)
    finally:
        server.kill()
    parts = {}
    for part in ("\n" + gdb.stdout).split("\n== ")[1:]:
        command, _, text = part.partition("\n")
        parts.setdefault(command, []).append(text.strip())
    if not parts:
        raise Failure("gdb did nothing", gdb.stdout)
    return parts, output


class Failure(Exception):
    """Something was not as expected."""

    def __init__(self, what, seen):
        super().__init__(f"{what}\n  seen: {seen!r}")


def expect(what, condition, seen):
    """Fails unless the condition holds."""
    if not condition:
        raise Failure(what, seen)


def lines_of(texts):
    """The source lines that gdb shows after steps, by their numbers."""
    return [int(match[1]) for text in texts if (match := re.match(r"(?:0x\w+\s)?(\d+)\s", text.splitlines()[-1]))]


def stepping_through_a_driver(program, symbols):
    """Source lines, frames and variables of a user-mode driver in micro; forwards and backwards."""
    commands = [
        f"add-symbol-file {symbols}/blk.elf", "info line *$pc", "next", "next", "next", "reverse-next", "bt 2",
        "reverse-stepi", "stepi", "finish"]
    seen, output = debug(program, ["boot micro", "tbreak blk:blk_submit", 'sys open "/etc/motd"'], commands, symbols)
    expect("the driver's source file", "BlockDriver.swift" in seen["info line *$pc"][0], seen)
    steps = lines_of(seen["next"])
    expect("three steps end at three source lines", len(steps) == 3 and len(set(steps)) == 3, seen)
    back = lines_of(seen["reverse-next"])
    expect("going back ends in the line before", back == [steps[1]], seen)
    expect("the frame's function", "blk_submit" in seen["bt 2"][0], seen)
    expect("its caller runs when it is finished", "BlockServer.swift" in seen["finish"][0], seen)
    expect("the prompt tells where the debugger left the system", "connection" in output or "debugger" in output, output)


def tasks_are_threads(program, symbols):
    """Names, states and registers of tasks that do not run."""
    commands = ["info threads", "set $fa0 = 1.5", "p $fa0", "thread 7", "info registers pc", "monitor info tasks", "monitor run ls"]
    seen, _ = debug(program, ["boot micro", "tbreak blk:blk_submit", 'sys open "/etc/motd"'], commands, symbols)
    threads = seen["info threads"][0]
    for name in ("blk", "fs", "agent", "pm"):
        expect(f"a thread {name}", f'"{name}"' in threads, threads)
    expect("the running task is marked", re.search(r"\* \d+ .*\"blk\" \(running\)", threads), threads)
    expect("a task that waits has its own pc", re.search(r"pc\s+0x1\w{4}\s", seen["info registers pc"][0]), seen)
    expect("a floating-point register is kept", "double = 1.5" in seen["p $fa0"][0], seen)
    expect("a command that looks is answered", "agent" in seen["monitor info tasks"][0], seen)
    expect("a command that changes is refused", "detach first" in seen["monitor run ls"][0], seen)


def breakpoints_in_the_kernel(program, symbols):
    """A trap is met, its cause read, and gone back to."""
    commands = [
        "break trap_from_user", "continue", "p/x $scause", "p $priv", "next", "up", "delete", "continue",
        "break trap_from_user", "reverse-continue", "p/x $scause"]
    seen, output = debug(program, ["boot monolithic", "tbreak agent:sys_open", 'sys open "/etc/motd"'], commands, symbols)
    expect("the breakpoint", "trap_from_user" in seen["continue"][0], seen)
    expect("the source line", "Traps.swift" in seen["continue"][0], seen)
    expect("the cause is an environment call", "0x8" in seen["p/x $scause"][0], seen)
    expect("the privilege is S", "prv:1" in seen["p $priv"][0] or "= 1" in seen["p $priv"][0], seen)
    expect("the call's result is told", "open returned 3" in seen["continue"][1], seen)
    expect("the breakpoint is met going back", "trap_from_user" in seen["reverse-continue"][0], seen)
    expect("as it was", "0x8" in seen["p/x $scause"][1], seen)
    expect("the system lives on", "running" in output, output)


def programs_at_one_address(program, symbols):
    """A breakpoint at the address where every program begins stops only the one whose symbols were read."""
    before = ["boot micro", "tbreak agent:sys_spawn", "run ls /"]
    seen, _ = debug(program, before, ["break *0x10000", "continue", "continue", "info threads"], symbols)
    expect("any program stops without symbols", "Breakpoint 1, " in seen["continue"][1], seen)
    expect("which is the one that starts", re.search(r"\* \d+ .*\"ls\"", seen["info threads"][0]), seen)
    commands = [f"add-symbol-file {symbols}/blk.elf", "break *0x10000", "continue", "continue"]
    seen, _ = debug(program, before, commands, symbols)
    expect("a program that is not meant runs through", "Breakpoint 1, " not in "".join(seen["continue"]), seen)


def history_from_before(program, symbols):
    """Going back reaches what happened before the debugger came."""
    commands = ["break trap_from_user", "reverse-continue", "delete", "reverse-continue", "p $pc == reset", "continue"]
    seen, _ = debug(program, ["boot monolithic", 'sys open "/etc/motd"'], commands, symbols)
    expect("the call's trap", "Breakpoint 1, " in seen["reverse-continue"][0], seen)
    expect("the system's history begins at reset", "= 1" in seen["p $pc == reset"][0], seen)


def watchpoints(program, symbols):
    """A store to a kernel variable is met."""
    commands = ["watch kernel.next_deadline", "continue", "info registers pc"]
    seen, _ = debug(program, ["boot monolithic"], commands, symbols)
    expect("the watchpoint stops the kernel", "Old value" in seen["continue"][0], seen)


def a_bare_machine(program, symbols):
    """`machine --gdb` holds a foreign image at its first instruction, and lets it go."""
    debug(program, ["boot monolithic"], ["detach"], symbols)
    kernel = f"{symbols}/kernel.elf"
    commands = ["p $pc == reset", "stepi", "break kernel_main", "continue", "p $priv", "delete", "detach"]
    seen, output = attach(
        [program, "machine", "--kernel", kernel, "--gdb", "0", "--limit", "5M"], commands, symbols)
    expect("it stands at its first instruction", "= 1" in seen["p $pc == reset"][0], seen)
    expect("it stops at the breakpoint", "Breakpoint 1, " in seen["continue"][0], seen)
    expect("it goes on by itself when the debugger leaves", "$ " in output, output)


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    program = str(pathlib.Path(sys.argv[1]).resolve())
    failed = False
    tests = (
        stepping_through_a_driver, tasks_are_threads, breakpoints_in_the_kernel, programs_at_one_address,
        history_from_before, watchpoints, a_bare_machine)
    for test in tests:
        with tempfile.TemporaryDirectory() as symbols:
            try:
                test(program, symbols)
                print(f"ok    {test.__name__}")
            except (Failure, subprocess.TimeoutExpired) as error:
                failed = True
                print(f"FAIL  {test.__name__}: {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
