"""A whole lesson on a pseudo-terminal: wrong answers, hints, leaving in the middle in every way, coming back, the end."""

import json
import os
import shutil
import signal

from terminal import Home, Terminal, expect

LESSONS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "lessons")


class Lesson(Terminal):
    """A run of the program in a lesson, or at its prompt."""

    def __init__(self, program, home, *options, lesson="four-steps", lessons=LESSONS):
        arguments = ["lesson", "start", lesson, *options] if lesson else list(options)
        super().__init__(program, home, arguments, rows=50, KERNELARIUM_LESSONS=lessons)
        self.wait_for_prompt()

    def says(self, text, after=None):
        """Whether a text was shown, perhaps broken into lines, since a command was typed."""
        shown = " ".join(line.strip() for line in self.history)
        if after:
            shown = shown[shown.rindex(after) :]
        return text in shown

    def expect(self, command, *texts):
        self.run(command)
        for text in texts:
            expect(self.says(text, after="> " + command), f"`{command}` shows {text!r}", self)


def progress(home):
    with open(os.path.join(home.path, ".local/state/kernelarium/progress/four-steps.json")) as file:
        return json.load(file)


def test_a_whole_lesson_with_breaks(program):
    with Home() as home:
        with Lesson(program, home) as terminal:
            expect(terminal.says("step 1 of 4"), "the first step is shown", terminal)
            expect(not terminal.says("Now break it."), "what stands behind the question is not shown", terminal)
            terminal.expect("fault inject blk null-read", "predict first", "`answer a`")
            terminal.expect("answer d", "there is no option `d`", "`answer c`")
            terminal.expect("lesson next", "a question to answer first")
            terminal.expect("info tasks", "agent")
            # One key says how sure the student is.
            terminal.send("answer a\r")
            terminal.wait_for_text("How sure are you?")
            terminal.send("s")
            terminal.wait_for_text("It is locked")
            terminal.wait_for_prompt()
            expect(terminal.says("Now break it."), "the answer opens what stands behind it", terminal)
            terminal.expect("answer b", "no question is open")
            terminal.expect("lesson next", "this step has to be done first")
            terminal.expect("info tasks", "`lesson hint` has a hint")
            terminal.expect("lesson hint", "arms it")
            terminal.send("\x04")
            terminal.wait_for_end()
        with Lesson(program, home) as terminal:
            expect(terminal.says("a) goes on, and only the driver ends, sure"), "the answer is still there", terminal)
            terminal.run("fault inject blk null-read")
            terminal.child.kill(signal.SIGKILL)
            terminal.wait_for_end()
        with Lesson(program, home) as terminal:
            terminal.expect("info faults", "null-read")
            terminal.expect(
                "run cat /etc/motd",
                "The system has panicked",
                "It is b) stops as a whole (system.state is",
                "You were sure.",
                "nobody can end it and go on",
                "The kernel has nobody who could end it.",
                "Step done",
            )
            terminal.expect("lesson next", "step 2 of 4", "Say it to your neighbour.")
            expect(not terminal.says("+driver+"), "a pause hides what follows", terminal)
            terminal.expect("lesson next", "|  +driver+  |", "Step done")
            terminal.expect("lesson next", "step 3 of 4", "How many traps")
            terminal.run("boot micro")
            terminal.run("sys null")
            terminal.expect("lesson sandbox", "You are playing in a copy")
            terminal.run("boot hybrid")
            terminal.child.kill(signal.SIGKILL)
            terminal.wait_for_end()
        with Lesson(program, home) as terminal:
            expect(terminal.wait_for_prompt() == "micro U agent> ", "free play has left no trace", terminal)
            terminal.expect("answer 99", "It is 2 traps")
            expect(terminal.says("such calls cost?"), "the next question is shown", terminal)
            terminal.expect("answer b", "It is a)", "Each one traps.", "`lesson again`", "That was cheap.")
            terminal.expect("lesson again", "such calls cost?")
            terminal.expect("answer a", "Right")
            terminal.expect("lesson next", "step 4 of 4", "From few to many")
            terminal.expect("answer a b", "each of the 3 letters")
            terminal.expect("answer b c a", "That was the last step")
            terminal.expect("lesson status", "your answer: b c a", "4 order")
            terminal.expect("lesson next", "The lesson four-steps is done.")
            terminal.expect("lesson list", "4 of 4")
        kept = progress(home)
        expect(kept["format"] == 2, "the record has the present format")
        expect(kept["answers"]["p1"]["confidence"] == "sure", "the confidence is kept")
        expect(kept["answers"]["q1"]["round"] == 1, "the repeated answer is kept")


def test_skipping_is_a_command_of_its_own(program):
    with Home() as home, Lesson(program, home) as terminal:
        terminal.expect("lesson skip", "`lesson solution`")
        terminal.expect("lesson solution", "Nobody knows before the run")
        terminal.expect("lesson skip", "step 2 of 4")
        terminal.expect("lesson status", "» 1 fault")
        expect(terminal.wait_for_prompt() == "mono PANICKED> ", "the solution was carried out", terminal)
        terminal.expect("lesson back", "step 1 of 4")
        terminal.expect("lesson restart", "step 1 of 4")
        expect(terminal.wait_for_prompt() == "mono U agent> ", "the step's beginning is back", terminal)
        terminal.expect("lesson resume", "You were in no sandbox")


def test_two_terminals_at_once_lose_nothing(program):
    with Home() as home, Lesson(program, home) as first, Lesson(program, home) as second:
        first.run("answer b sure")
        first.run("fault inject blk null-read")
        first.expect("run cat /etc/motd", "Right: b)")
        second.run("answer a guess")
        kept = progress(home)
        expect("fault" in kept["done"], "the step done in the other terminal is kept")
        expect(kept["answers"]["p1"]["confidence"] == "sure", "the judged answer is kept")


def test_a_lesson_may_be_edited_under_its_student(program):
    with Home() as home:
        folder = os.path.join(home.path, "lessons")
        shutil.copytree(LESSONS, folder)
        path = os.path.join(folder, "four-steps.md")
        with Lesson(program, home, lessons=folder) as terminal:
            terminal.run("answer b sure")
            terminal.run("fault inject blk null-read")
            terminal.expect("run cat /etc/motd", "Right: b)")
            terminal.expect("lesson next", "step 3 of 4")
        with open(path) as file:
            text = file.read()
        with open(path, "w") as file:
            file.write(text.replace("## Once more", "## New {#new}\n\nNew.\n\n## Once more"))
        with Lesson(program, home, lessons=folder) as terminal:
            expect(terminal.says("step 4 of 5") and terminal.says("Numbers"), "the same step, by its id", terminal)
        # A lesson that cannot be read leaves the progress alone, and the other lessons too.
        with open(path, "w") as file:
            file.write(text.replace("## Order {#order}", "## Order"))
        with Lesson(program, home, lesson=None, lessons=folder) as terminal:
            terminal.expect("lesson start four-steps", "four-steps.md:91:1", "this step has no id")
            terminal.expect("lesson list", "machine", "cannot be read")
        with open(path, "w") as file:
            file.write(text)
        with Lesson(program, home, lessons=folder) as terminal:
            expect(terminal.says("step 3 of 4"), "the student is where they were", terminal)


def test_a_transcript_says_what_was_done_and_when(program):
    with Home() as home:
        path = os.path.join(home.path, "transcript.txt")
        with Lesson(program, home, "--over", "--seed", "12", "--transcript", path) as terminal:
            terminal.send("answer a\r")
            terminal.wait_for_text("How sure are you?")
            terminal.send("g")
            terminal.wait_for_text("It is locked")
            terminal.wait_for_prompt()
        with open(path) as file:
            lines = file.read().splitlines()
        expect("# lesson four-steps" in lines and "# seed 12" in lines, f"the header is there: {lines[:8]}")
        expect("# step fault" in lines, "the step is there")
        position = lines.index("> answer a guess")
        expect(lines[position - 1].startswith("# time "), "the time stands before the command")
        expect(lines[position + 1].startswith("Noted: a)"), "the output follows")


def test_a_lesson_is_presented_with_votes(program):
    with Home() as home, Lesson(program, home, lesson=None) as terminal:
        terminal.expect("vote a 1", "no lesson is being presented")
        terminal.expect("present four-steps", "Wait until everybody has voted.", "`reveal` shows the truth")
        terminal.expect("vote a 12 b", "in turn")
        terminal.expect("vote a 12 b 30", "30 (71 %)")
        # Without numbers, the program asks for them.
        terminal.send("vote\r")
        for count in ["2", "40", ""]:
            terminal.pump(0.3)
            terminal.send(count + "\r")
        terminal.wait_for_text("40 (95 %)")
        terminal.wait_for_prompt()
        expect(terminal.says("was 30"), "the shift is shown", terminal)
        terminal.expect("reveal", "PANIC", "The machine says: b) stops as a whole", "✓ b)", "40 (95 %)", "Step done")
        terminal.expect("lesson next", "Say it to your neighbour.")
        terminal.expect("lesson next", "Step done")
        terminal.expect("lesson next", "How many traps")
        terminal.expect("reveal", "> sys null", "The machine says: 2 traps")
        terminal.expect("reveal", "The machine says: a)", "That was cheap.")
        terminal.expect("lesson again", "such calls cost?")
        terminal.expect("vote a 5 b 1", "5 (83 %)")
        terminal.expect("reveal", "✓ a)")
        terminal.run("lesson quit")
        expect(not os.path.exists(os.path.join(home.path, ".local/state/kernelarium/progress")), "nothing is kept")


def test_folders_of_lessons_are_remembered(program):
    with Home() as home:
        with Lesson(program, home, lesson=None, lessons="") as terminal:
            terminal.expect("lesson add /nowhere", "no folder")
            terminal.expect("lesson add " + LESSONS, "1 lesson")
        with Lesson(program, home, lesson=None, lessons="") as terminal:
            terminal.expect("lesson folders", "(added): 1 lesson")
            terminal.expect("lesson list", "four-steps", "machine")
            terminal.expect("lesson remove " + LESSONS, "removed")
            terminal.run("lesson list")
            expect(not terminal.says("four-steps", after="> lesson list"), "it is no longer listed", terminal)
