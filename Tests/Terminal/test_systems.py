"""The program with booted systems: prompts, running, interrupting, the console, lessons, width of every output."""

import re

from terminal import Home, Terminal, expect


def test_the_prompt_names_kernel_privilege_and_task(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        expect(terminal.run("boot micro") == "micro U agent> ", "the prompt after boot micro", terminal)
        expect(terminal.run("boot monolithic") == "mono U agent> ", "the prompt after boot monolithic", terminal)
        expect(terminal.run("use micro") == "micro U agent> ", "the prompt after use", terminal)
        terminal.run('sys open "/etc/motd"')
        terminal.run("sys read 3 64")
        expect(any(line.startswith("= 3") for line in terminal.history), "open's result is shown", terminal)


def test_a_panic_changes_the_prompt_and_undo_takes_it_back(program):
    with Home() as home, Terminal(program, home, ["--quiet"]) as terminal:
        terminal.wait_for_prompt()
        terminal.run("boot monolithic")
        terminal.run("fault inject blk null-read")
        expect(terminal.run("run cat /etc/motd") == "mono PANICKED> ", "the prompt after a panic", terminal)
        expect(any("PANIC" in line for line in terminal.history), "the panic is shown", terminal)
        expect(terminal.run("undo") == "mono U agent> ", "the prompt after undo", terminal)
        terminal.send("\x04")
        expect(terminal.wait_for_end() == 0, "leaving the prompt is no failure")


def test_ctrl_c_stops_the_guest_and_not_the_program(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.run("boot monolithic")
        terminal.run("set limit 900G")
        terminal.send("run spin\r")
        terminal.wait_for_text("Ctrl-C stops it", 20)
        terminal.send("\x03")
        terminal.wait_for_text("interrupted", 20)
        terminal.wait_for_prompt()
        terminal.run("show seed")
        expect(any(line.startswith("seed") for line in terminal.history), "the program goes on", terminal)


def test_a_ctrl_c_at_the_prompt_does_not_stop_the_next_guest(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.run("boot monolithic")
        terminal.send("abc\x03")
        terminal.pump(0.3)
        terminal.wait_for_prompt()
        terminal.run("run hello")
        expect(not any("interrupted" in line for line in terminal.history), "nothing is interrupted", terminal)


def test_tab_completes_names_of_the_system(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.run("boot micro")
        for typed, completed in [
            ("pmap age\t", "micro U agent> pmap agent "),
            ("run hel\t", "micro U agent> run hello "),
            ("break blk_subm\t", "micro U agent> break blk_submit "),
            ("x/4gx $s\x7f$p\t", None),
            ("use mic\t", "micro U agent> use micro "),
            ("info csr scau\t", "micro U agent> info csr scause "),
        ]:
            terminal.send(typed)
            if completed:
                terminal.wait_until(lambda: terminal.current_line == completed, f"completion of {typed!r}", 10)
            terminal.send("\x15")
            terminal.wait_for_prompt()


def test_the_console_is_the_guests_until_it_is_left(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.run("boot monolithic")
        terminal.send("console\r")
        terminal.wait_for_text("Ctrl-]")
        terminal.wait_until(lambda: terminal.current_line.endswith("$ "), "the guest's prompt")
        terminal.send("echo typed in the guest\r")
        terminal.wait_until(lambda: "typed in the guest" in terminal.lines, "the guest's answer")
        terminal.send("\x1d")
        terminal.wait_for_prompt()
        terminal.run("show seed")
        expect(any(line.startswith("seed") for line in terminal.history), "the prompt works again", terminal)
        # The line editor's terminal is back: a typed character appears once.
        terminal.send("xyz")
        terminal.wait_until(lambda: terminal.current_line.endswith("> xyz"), "echo of typed characters", 10)


def test_every_output_fits_eighty_columns(program):
    commands = [
        "help",
        "help sys",
        "help compare",
        "systems",
        "info system",
        "info registers",
        "info csr",
        "info csr mstatus",
        "info tasks",
        "info components",
        "info components --all",
        "info devices",
        "info tlb",
        "info stats",
        "info faults",
        "info breakpoints",
        "info checkpoints",
        "x/8gx $sp",
        "x/4i $pc",
        "xp/8wx 0x80000000",
        "disassemble",
        "translate $pc",
        "translate 0 write",
        "pagetable agent",
        "pmap agent",
        "pmap agent --all",
        'sys open "/etc/motd"',
        "sys read 3 64",
        "trace seek 3 0",
        "trace null",
        "run ls /",
        "stepi",
        "break blk_submit",
        "delete",
        "checkpoint a",
        "restore a",
        "undo",
        "set $a0 = 5",
        "compare null",
        "show",
        "show model",
        "lesson list",
        "fault inject blk null-read",
        "info faults",
    ]
    with Home() as home, Terminal(program, home, ["--color", "never"], columns=120) as terminal:
        terminal.wait_for_prompt()
        for kernel in ["monolithic", "micro"]:
            terminal.run(f"boot {kernel}")
            for command in commands:
                start = len(terminal.history)
                terminal.run(command)
                for line in terminal.history[max(0, start - 25) :]:
                    expect(len(line) <= 80, f"{kernel}: {command}: a line of {len(line)} columns: {line!r}")


def test_a_lesson_begins_advances_and_resumes(program):
    with Home() as home:
        with Terminal(program, home, ["lesson", "start", "machine"], rows=60) as terminal:
            terminal.wait_for_prompt()
            expect(any("step 1 of" in line for line in terminal.history), "the first step is shown", terminal)
            terminal.run("lesson check")
            terminal.run("lesson hint")
            terminal.run("lesson solution")
            terminal.run("lesson skip")
            expect(any("step 2 of" in line for line in terminal.history), "the second step is shown", terminal)
            terminal.send("\x04")
            terminal.wait_for_end()
        with Terminal(program, home, rows=60) as terminal:
            terminal.wait_for_prompt()
            terminal.run("lesson start machine")
            expect(any("step 2 of" in line for line in terminal.history), "the lesson goes on where it was left", terminal)
            terminal.run("lesson quit")


def test_long_output_keeps_its_lines_when_scrolled(program):
    with Home() as home, Terminal(program, home, rows=10) as terminal:
        terminal.wait_for_prompt()
        terminal.run("help")
        sections = [line for line in terminal.history if re.fullmatch(r"[A-Z][A-Za-z ]+", line)]
        expect(len(sections) >= 7, "all sections of the help were printed", terminal)
