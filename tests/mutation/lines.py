"""A bridge on stdio, to which mutated lines are sent: what it answers to them, and when it is done with them."""
import json
import os
import select
import subprocess
import time

import reading
from reading import Unnamed

INITIALIZE = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
    "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "mutation", "version": "1"}}}
END_SECONDS = 15


class LineBridge:
    """Starts the bridge when it is first needed, and again after a failure."""

    def __init__(self, command, tools, host, answer_seconds):
        self.command, self.tools, self.host, self.answer_seconds = command, tools, host, answer_seconds
        self.process, self.pending, self.barriers = None, b"", 0

    def start(self):
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.pending = b""
        self.process.stdin.write(json.dumps(INITIALIZE).encode() + b"\n")
        self.process.stdin.flush()
        self.read_message(time.monotonic() + END_SECONDS)

    def read_message(self, deadline):
        while b"\n" not in self.pending:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            data = os.read(self.process.stdout.fileno(), 1 << 18) if ready else None
            if not data:
                why = "nothing more came" if data is None else f"it ended with {self.process.wait()}"
                raise Unnamed(f"{why}; before that {self.pending[:200]!r}")
            self.pending += data
        line, self.pending = self.pending.split(b"\n", 1)
        return reading.read_json(line)

    def play(self, data):
        """The names of the answers to these lines. All that is answered at once is answered before the ping behind them."""
        if self.process is None:
            self.start()
        self.barriers += 1
        barrier = f"barrier {self.barriers}"
        must, may, broken = reading.lines_due(data)
        ping = json.dumps({"jsonrpc": "2.0", "id": barrier, "method": "ping"}).encode()
        self.process.stdin.write(data + b"\n" + ping + b"\n")
        self.process.stdin.flush()
        deadline = time.monotonic() + self.answer_seconds
        names, passed, progress = [], False, reading.Progress()
        while not passed or len(names) < must:
            message = self.read_message(deadline)
            if isinstance(message, dict) and message.get("id") == barrier:
                passed = True
            elif not progress.take(message):
                names.append(self.name(message))
        if len(names) > may:
            raise Unnamed(f"{len(names)} answers to {may} lines: {names}")
        if names.count("-32700") != broken:
            raise Unnamed(f"{broken} lines are no JSON, but the answers are {names}")
        if may == 1:
            progress.check_asked(data)
        return [name + " after progress" * (progress.last is not None) for name in names] or ["nothing"]

    @staticmethod
    def name(message):
        if not isinstance(message, list):
            return reading.name_message(None, message)
        if not message:
            raise Unnamed("an empty batch")
        for one in message:
            reading.name_message(None, one)
        return "batch"

    def forget(self):
        """After a failure: the next case has a bridge of its own."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
            self.process.stdout.close()
        self.process = None

    def end(self):
        """As a client does; what was wrong then, or an empty string."""
        if self.process is None:
            return ""
        self.process.stdin.close()
        rest = self.process.stdout.read()
        self.process.stdout.close()
        code = self.process.wait(END_SECONDS)
        self.process = None
        return f"after the end of its input it said {rest[:200]!r} and exited with {code}" if rest or code else ""
