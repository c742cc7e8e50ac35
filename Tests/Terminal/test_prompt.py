"""The prompt itself: history, completion, Ctrl-C, Ctrl-D, colour, long lines, UTF-8."""

import os
import signal

from terminal import Failure, Home, Terminal, expect


def test_the_prompt_appears_and_ctrl_d_leaves(program):
    with Home() as home, Terminal(program, home) as terminal:
        expect(terminal.wait_for_prompt() == "> ", "the first prompt names no system", terminal)
        expect("Kernelarium." in terminal.lines[0], "the greeting is on the first row", terminal)
        terminal.send("\x04")
        expect(terminal.wait_for_end() == 0, "Ctrl-D leaves with status 0")


def test_quit_leaves(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.send("quit\r")
        expect(terminal.wait_for_end() == 0, "quit leaves with status 0")


def test_quiet_greets_nobody(program):
    with Home() as home, Terminal(program, home, ["--quiet"]) as terminal:
        terminal.wait_for_prompt()
        expect(terminal.lines[0] == ">", "only the prompt is on the screen", terminal)


def test_ctrl_c_drops_the_line(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.send("nosuch")
        terminal.pump(0.2)
        terminal.send("\x03")
        terminal.wait_for_prompt()
        terminal.run("show seed")
        expect(not any("no command" in line for line in terminal.history), "the dropped line was run", terminal)
        expect(any(line.startswith("seed") for line in terminal.history), "the next line was not run", terminal)


def test_history_is_kept_between_sessions(program):
    with Home() as home:
        with Terminal(program, home) as terminal:
            terminal.wait_for_prompt()
            terminal.run("show seed")
            terminal.run("show limit")
            terminal.send("\x1b[A\x1b[A")
            terminal.wait_until(lambda: terminal.current_line == "> show seed", "earlier line")
            terminal.send("\x15\x04")
            terminal.wait_for_end()
        file = os.path.join(home.path, ".local/state/kernelarium/history")
        with open(file) as lines:
            expect(lines.read() == "show seed\nshow limit\n", "the history file holds the lines typed")
        with Terminal(program, home) as terminal:
            terminal.wait_for_prompt()
            terminal.send("\x1b[A")
            terminal.wait_until(lambda: terminal.current_line == "> show limit", "line of the session before")


def test_history_follows_the_state_folder(program):
    with Home() as home:
        state = os.path.join(home.path, "state")
        with Terminal(program, home, XDG_STATE_HOME=state) as terminal:
            terminal.wait_for_prompt()
            terminal.run("show seed")
        expect(os.path.exists(os.path.join(state, "kernelarium/history")), "XDG_STATE_HOME is used")


def test_an_unusable_state_folder_is_one_note(program):
    with Home() as home, Terminal(program, home, XDG_STATE_HOME="/proc/nowhere") as terminal:
        terminal.wait_for_prompt()
        terminal.run("show seed")
        notes = [line for line in terminal.history if "note:" in line]
        expect(len(notes) == 1 and "history" in notes[0], "one note says that the history is not kept", terminal)


def test_tab_completes_commands_arguments_and_files(program):
    with Home() as home:
        with open(os.path.join(home.path, "only.klab"), "w") as script:
            script.write("show seed\n")
        with Terminal(program, home) as terminal:
            terminal.wait_for_prompt()
            for typed, completed in [
                ("chec\t", "> checkpoint "),
                ("show vers\t", "> show version "),
                ("fault inject blk nul\t", "> fault inject blk null-read "),
                ("sys rena\t", "> sys rename "),
                (f"source {home.path}/on\t", f"> source {home.path}/only.klab "),
                ("help info reg\t", "> help info registers "),
                ("boot mono\t", "> boot monolithic "),
                ("lesson start mach\t", "> lesson start machine "),
            ]:
                terminal.send(typed)
                terminal.wait_until(lambda: terminal.current_line == completed, f"completion of {typed!r}", 10)
                terminal.send("\x15")
                terminal.wait_for_prompt()


def test_tab_lists_what_is_ambiguous_and_keeps_the_line(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.send("info t\t")
        terminal.wait_until(lambda: any(line.split() == ["tasks", "tcb", "tlb"] for line in terminal.lines), "list of choices")
        terminal.wait_until(lambda: terminal.current_line == "> info t", "the line again", 10)


def test_utf8_is_typed_shown_and_edited(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.send("sys open \"/é∞x")
        terminal.wait_until(lambda: terminal.current_line == "> sys open \"/é∞x", "UTF-8 on the line", 10)
        terminal.send("\x7f\x7f")
        terminal.wait_until(lambda: terminal.current_line == "> sys open \"/é", "the line without two characters", 10)


def test_a_long_line_wraps_and_is_whole(program):
    with Home() as home, Terminal(program, home, columns=40) as terminal:
        terminal.wait_for_prompt()
        word = "x" * 100
        terminal.send("nosuch" + word)
        terminal.pump(0.5)
        terminal.send("\x01\x1b[C\x05!\r")
        terminal.wait_for_text("there is no command")
        terminal.wait_for_prompt()
        text = "".join(terminal.history)
        expect(("nosuch" + word + "!") in text.replace("\n", ""), "the whole line arrived", terminal)


def test_an_error_points_at_its_place(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.run("show nosuch")
        lines = terminal.lines
        index = next(i for i, line in enumerate(lines) if line == "  show nosuch")
        expect(lines[index + 1] == "       ^~~~~~", "carets stand below the word", terminal)


def test_colour_is_off_where_it_is_not_wanted(program):
    for arguments, environment, wanted in [
        ([], {}, True),
        (["--color", "never"], {}, False),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"TERM": "dumb"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ]:
        with Home() as home, Terminal(program, home, arguments, **environment) as terminal:
            terminal.wait_for_text("to explore")
            terminal.pump(0.2)
            terminal.send("nosuch\r")
            terminal.wait_for_text("error:")
            terminal.pump(0.2)
            colours = "\x1b[1;31m" in terminal.raw or "\x1b[1m" in terminal.raw
            expect(colours == wanted, f"colour with {arguments} {environment} should be {wanted}: {terminal.raw!r}")


def test_ascii_prints_nothing_else(program):
    with Home() as home, Terminal(program, home, ["--ascii", "--color", "never"]) as terminal:
        terminal.wait_for_prompt()
        terminal.run("help")
        terminal.run("help sys")
        expect(all(ord(letter) < 128 for letter in terminal.raw), "every character is ASCII")


def test_a_hangup_leaves_no_process(program):
    with Home() as home, Terminal(program, home) as terminal:
        terminal.wait_for_prompt()
        terminal.child.kill(signal.SIGHUP)
        terminal.wait_for_end()
