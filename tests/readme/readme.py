"""Runs the commands of a Markdown file and compares what they print with what it shows.

Every ```sh block is run, in order, in one bash that starts in the repository root, so a server that one block
starts in the background serves the next. A ```text block after it is what the commands print, errors included:
"..." stands for any text, alone on a line for any lines. A block without one only has to succeed. Blocks in
other languages (```bash, ```json) are not run.
"""
import os
import pathlib
import re
import signal
import subprocess
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK_SECONDS = 120
STOP_SECONDS = 15
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
END = "\x01end "


def parse(markdown):
    """[(line, commands, expected text or None)]"""
    steps = []
    for fence in FENCE.finditer(markdown):
        language, body = fence.groups()
        if language == "sh":
            steps.append((markdown[:fence.start()].count("\n") + 2, body, None))
        elif language == "text" and steps and steps[-1][2] is None:
            steps[-1] = (*steps[-1][:2], body)
    return steps


def matches(expected, printed):
    """Whether `printed` is as shown, white space at the ends of lines aside."""
    pattern = ""
    for line in (each.rstrip() for each in expected.strip("\n").split("\n")):
        if line == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("...")) + "\n"
    lines = [line.rstrip() for line in printed.strip("\n").split("\n")]
    return re.fullmatch(pattern, "\n".join(lines) + "\n") is not None


class Shell:
    def __init__(self, folder):
        self.process = subprocess.Popen(["bash"], cwd=folder, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True)

    def run(self, commands):
        """Exit status and output of one block."""
        timer = threading.Timer(BLOCK_SECONDS, self.kill)
        timer.start()
        try:
            # The block is one compound command, so that nothing in it can read the rest of our input.
            self.process.stdin.write(f"{{ set -e\n{commands}\n}} </dev/null\nprintf '\\n{END}%s\\n' $?\n")
            self.process.stdin.flush()
            printed = []
            for line in self.process.stdout:
                if line.startswith(END):
                    return int(line[len(END):]), "".join(printed)
                printed.append(line)
            return self.process.wait(), "".join(printed)
        finally:
            timer.cancel()

    def signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    def kill(self):
        self.signal(signal.SIGKILL)

    def close(self):
        """Ends the shell and all it started."""
        self.signal(signal.SIGTERM)
        timer = threading.Timer(STOP_SECONDS, self.kill)
        timer.start()
        self.process.stdin.close()
        with self.process.stdout as output:
            output.read()  # ends when the last of them has ended
        self.process.wait()
        timer.cancel()


def check(markdown, folder=ROOT):
    """What is wrong with the first block that does not do as shown, or an empty string."""
    shell = Shell(folder)
    try:
        for line, commands, expected in parse(markdown):
            status, printed = shell.run(commands)
            if status:
                return f"line {line}: the commands ended with {status} and printed:\n{printed}"
            if expected is not None and not matches(expected, printed):
                return f"line {line}: shown:\n{expected}\nprinted:\n{printed}"
    finally:
        shell.close()
    return ""
