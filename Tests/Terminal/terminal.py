"""The program on a pseudo-terminal, with a model of the screen to look at.

Everything that could differ between computers is fixed: terminal type, locale, home, window size.
"""

import os
import re
import shutil
import subprocess
import tempfile
import time

import pexpect
import pyte

PROMPT = re.compile(r"^(\S+ [A-Z]+( \S+)?)?> $")


class Failure(Exception):
    """A test's expectation does not hold."""


class Home:
    """A home folder of one test."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="kernelarium-")
        return self

    def __exit__(self, *_):
        subprocess.run(["chmod", "-R", "u+w", self.path], check=False)
        shutil.rmtree(self.path, ignore_errors=True)

    def environment(self, **changes):
        environment = {
            "HOME": self.path,
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
            "TERM": "xterm-256color",
        }
        environment.update(changes)
        return {name: value for name, value in environment.items() if value is not None}


class Terminal:
    """One run of the program."""

    def __init__(self, program, home, arguments=(), rows=24, columns=80, **environment):
        self.screen = pyte.HistoryScreen(columns, rows, history=5000, ratio=0.001)
        self.stream = pyte.Stream(self.screen)
        self.raw = ""
        self.child = pexpect.spawn(
            program,
            list(arguments),
            env=home.environment(**environment),
            dimensions=(rows, columns),
            encoding="utf-8",
            codec_errors="replace",
            timeout=60,
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.close(force=True)

    def send(self, text):
        self.child.send(text)

    def pump(self, seconds):
        """Reads what arrives in a time; returns whether the program still runs."""
        end = time.monotonic() + seconds
        while True:
            try:
                text = self.child.read_nonblocking(65536, max(0.0, min(0.05, end - time.monotonic())))
                self.raw += text
                self.stream.feed(text)
            except pexpect.TIMEOUT:
                pass
            except pexpect.EOF:
                return False
            if time.monotonic() >= end:
                return True

    def wait_until(self, condition, what, seconds=60):
        end = time.monotonic() + seconds
        while not condition():
            if not self.pump(0.05) and not condition():
                raise Failure(f"the program ended before {what}\n{self.dump()}")
            if time.monotonic() > end:
                raise Failure(f"no {what} within {seconds} s\n{self.dump()}")

    @property
    def lines(self):
        """The screen's rows, without spaces at their ends."""
        return [row.rstrip() for row in self.screen.display]

    @property
    def history(self):
        """Everything that was shown, with what has left the screen."""
        def text(row):
            return "".join(row[column].data for column in range(self.screen.columns)).rstrip()

        return [text(row) for row in self.screen.history.top] + self.lines

    @property
    def current_line(self):
        """The row of the cursor up to the cursor."""
        return self.screen.display[self.screen.cursor.y][: self.screen.cursor.x]

    def dump(self):
        return "\n".join("    |" + line for line in self.lines if line)

    def wait_for_prompt(self):
        self.wait_until(lambda: PROMPT.match(self.current_line), "prompt")
        return self.current_line

    def run(self, command):
        """Types a command and waits until the next prompt stands on an empty line."""
        self.send(command + "\r")
        self.pump(0.05)
        return self.wait_for_prompt()

    def wait_for_text(self, text, seconds=60):
        self.wait_until(lambda: any(text in line for line in self.history), f"text {text!r}", seconds)

    def wait_for_end(self):
        self.wait_until(lambda: not self.child.isalive(), "end of the program")
        self.pump(0.2)
        return self.child.exitstatus


def expect(condition, message, terminal=None):
    if not condition:
        raise Failure(message + ("\n" + terminal.dump() if terminal else ""))
