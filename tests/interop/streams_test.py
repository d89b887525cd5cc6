#!/usr/bin/env python3
"""streams_test.py BIN_FOLDER GO_DRIVER LANGUAGE COMMAND...   all four kinds of RPC by all official clients, over HTTP
and over stdio.

COMMAND starts StreamService in LANGUAGE (upstreams/); it prints "ready grpc=HOST:PORT". Each client takes all steps
in one session; the sessions run side by side, and each test then judges one step of every session."""
import concurrent.futures
import functools
import json
import pathlib
import shlex
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1] / "scripts"), str(HERE / "drivers")]
from shop import Program  # noqa: E402
from steps import drivers, run  # noqa: E402

BIN, GO_DRIVER, LANGUAGE, *COMMAND = sys.argv[1:]
BRIDGE = pathlib.Path(BIN) / "grpc-mcp-bridge"
END_SECONDS = 10


def numbers(*values):
    return [{"value": str(value)} for value in values]


def call(method, arguments, **more):
    return {"tool": f"Stream_{method}", "arguments": arguments, **more}


def steps(session):
    """{name: step}; `session` makes ids unique."""
    limited, cancelled = f"{session}: limited", f"{session}: cancelled"
    return {
        "list": {"list": True},
        "unary": call("Slow", {"seconds": 0}),
        "progress": call("Count", {"count": 5, "intervalMs": 300}, progress=True),
        "no progress": call("Count", {"count": 5}),
        "empty": call("Count", {}),
        "sum": call("Sum", {"messages": numbers(9007199254740993, -1)}),
        "sum of nothing": call("Sum", {"messages": []}),
        "wrong": call("Sum", {"messages": [{"value": "1"}, {"value": "two"}]}),
        "echo": call("Echo", {"messages": numbers(3, 1, 2)}),
        "fail": call("Fail", {"subject": "the third"}),
        "limited": call("Forever", {"id": limited, "intervalMs": 20, "stream_limit": {"messages": 3}}),
        "limited, then": call("AwaitCancelled", {"id": limited}),
        "cancelled": call("Forever", {"id": cancelled, "intervalMs": 200}, progress=True, cancel_after=2),
        "cancelled, then": call("AwaitCancelled", {"id": cancelled}),
        "heartbeat": call("Slow", {"id": session, "seconds": 6}, progress=True),
    }


class Stdio:
    """Commands that start the bridge on stdin and stdout, and what it wrote there."""

    def __init__(self, folder, target):
        self.folder = folder
        self.command = folder / "bridge"
        words = shlex.join([str(BRIDGE), "stdio", target])
        # The client sees what `tee` passes on; a signal of it reaches the shell, the end of its pipe the bridge.
        self.command.write_text(f'#!/bin/bash\ncd {shlex.quote(str(folder))}\n'
                                f'{{ echo $BASHPID >>pids; exec {words} 2>log.$$; }} | tee stdout.$$\n')
        self.command.chmod(0o755)

    def lines(self, kind):
        """Of "stdout" or "log", as JSON: anything else is an error."""
        return [json.loads(line) for file in self.folder.glob(f"{kind}.*") for line in file.read_text().splitlines()]

    def running(self):
        return [pid for pid in (self.folder / "pids").read_text().split() if is_running(pid)]


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def text_of(result):
    return "".join(block["text"] for block in result["content"])


def judges(*names):
    """The test gets what came of these steps, once for each session."""

    def wrap(test):
        def run_all(self):
            for session, outcomes in self.sessions.items():
                with self.subTest(session):
                    came = [outcomes.result()[name] for name in names]
                    for outcome in came:
                        self.assertNotIn("error", outcome)
                    test(self, *came)

        return functools.wraps(test)(run_all)

    return wrap


class Streams(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="streams-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        server = cls.start(LANGUAGE, COMMAND)
        target = f"{LANGUAGE}={server.ready['grpc']}"
        bridge = cls.start("grpc-mcp-bridge", [BRIDGE, "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                                               target])
        cls.stdio, sessions = {}, {}
        for name, driver in drivers(GO_DRIVER).items():
            sessions[f"{name} over HTTP"] = (driver, bridge.ready["mcp"])
            of_its_own = cls.folder / name.replace(" ", "-")
            of_its_own.mkdir()
            cls.stdio[name] = Stdio(of_its_own, target)
            sessions[f"{name} over stdio"] = (driver, [cls.stdio[name].command])
        with concurrent.futures.ThreadPoolExecutor(len(sessions)) as pool:
            cls.sessions = {name: pool.submit(cls.take, name, *words) for name, words in sessions.items()}

    @classmethod
    def start(cls, name, command):
        program = Program(name, [str(word) for word in command], cls.folder / f"{name}.log",
                          {"PYTHONDONTWRITEBYTECODE": "1"})
        cls.addClassCleanup(cls.end, program)
        return program

    @staticmethod
    def end(program):
        if problem := program.stop():
            raise RuntimeError(problem)

    @staticmethod
    def take(name, driver, target):
        todo = steps(name)
        return dict(zip(todo, run(driver, target, list(todo.values())), strict=True))

    def answer(self, outcome):
        """The typed answer of a step that must succeed."""
        result = outcome["result"]
        self.assertFalse(result.get("isError"), text_of(result))
        self.assertEqual(json.loads(text_of(result)), result["structuredContent"])
        return result["structuredContent"]

    def failure(self, outcome):
        """The text of a step that must fail."""
        self.assertIs(outcome["result"].get("isError"), True)
        return text_of(outcome["result"])

    @judges("list")
    def test_all_kinds_are_listed(self, outcome):
        tools = {tool["name"].removeprefix("Stream_"): tool for tool in outcome["tools"]
                 if tool["name"].startswith("Stream_")}
        self.assertEqual({name: sorted(tool["inputSchema"]["properties"]) for name, tool in tools.items()}, {
            "AwaitCancelled": ["id"],
            "Count": ["count", "intervalMs", "stream_limit"],
            "Echo": ["messages", "stream_limit"],
            "Fail": ["stream_limit", "subject"],
            "Forever": ["id", "intervalMs", "stream_limit"],
            "Slow": ["id", "seconds"],
            "Sum": ["messages"],
        })
        collected = [name for name, tool in tools.items() if "messages" in tool["outputSchema"]["properties"]]
        self.assertEqual(sorted(collected), ["Count", "Echo", "Fail", "Forever"])

    @judges("unary")
    def test_unary(self, outcome):
        self.assertEqual(self.answer(outcome), {"seconds": 0})

    @judges("no progress")
    def test_server_streaming(self, outcome):
        self.assertEqual(self.answer(outcome), {"messages": numbers(1, 2, 3, 4, 5)})

    @judges("empty")
    def test_a_stream_without_messages(self, outcome):
        self.assertEqual(self.answer(outcome), {"messages": []})

    @judges("progress")
    def test_each_message_is_progress_in_order(self, outcome):
        self.assertEqual(self.answer(outcome), {"messages": numbers(1, 2, 3, 4, 5)})
        seen = [progress for progress, _ in outcome["progress"]]
        # A client forgets what it gets in one breath with the result; on a busy machine that may be most.
        self.assertGreaterEqual(len(seen), 1)
        self.assertEqual(seen, [1, 2, 3, 4, 5][:len(seen)])
        for progress, message in outcome["progress"]:
            self.assertIn(str(int(progress)), message)

    @judges("sum")
    def test_client_streaming(self, outcome):
        self.assertEqual(self.answer(outcome), {"sum": "9007199254740992", "count": 2})

    @judges("sum of nothing")
    def test_client_streaming_of_nothing(self, outcome):
        self.assertEqual(self.answer(outcome), {"sum": "0", "count": 0})

    @judges("wrong")
    def test_a_wrong_message_is_named_by_its_index(self, outcome):
        self.assertIn("messages[1].value", self.failure(outcome))

    @judges("echo")
    def test_bidi(self, outcome):
        self.assertEqual(self.answer(outcome), {"messages": numbers(3, 1, 2)})

    @judges("fail")
    def test_an_error_in_mid_stream_keeps_what_came(self, outcome):
        text = self.failure(outcome)
        for words in ("FAILED_PRECONDITION", "broken after three numbers", "the third"):
            self.assertIn(words, text)
        result = outcome["result"]
        self.assertEqual(result["_meta"]["grpc-mcp-bridge/status"]["name"], "FAILED_PRECONDITION")
        everything = (text + json.dumps(result.get("structuredContent"))).replace(" ", "")
        self.assertIn('{"value":"1"},{"value":"2"},{"value":"3"}', everything)

    @judges("limited")
    def test_a_limit_of_the_model_ends_the_stream_well(self, outcome):
        self.assertEqual(self.answer(outcome)["messages"], numbers(1, 2, 3))

    @judges("limited, then")
    def test_a_limit_of_the_model_ends_it_at_the_service_too(self, outcome):
        self.assertGreater(int(self.answer(outcome)["unixMs"]), 0)

    @judges("cancelled")
    def test_progress_comes_before_the_end(self, outcome):
        self.assertEqual([progress for progress, _ in outcome["progress"]][:2], [1, 2])
        self.assertNotIn("result", outcome)

    @judges("cancelled", "cancelled, then")
    def test_a_cancellation_reaches_the_service(self, cancelled, then):
        # The clocks are the same. How long it took is said, not judged: this machine may be busy.
        milliseconds = int(self.answer(then)["unixMs"]) - cancelled["cancelled_ms"]
        print(f"{milliseconds} ms", end=" ", flush=True)
        self.assertGreaterEqual(milliseconds, -1)

    @judges("heartbeat")
    def test_a_long_unary_call_has_a_heartbeat(self, outcome):
        self.assertEqual(self.answer(outcome), {"seconds": 6})
        self.assertEqual([int(progress) for progress, _ in outcome["progress"]][:1], [5])

    def test_stdout_has_the_protocol_only(self):
        for name, stdio in self.stdio.items():
            with self.subTest(name):
                messages = stdio.lines("stdout")
                self.assertGreaterEqual(len(messages), len(steps("")))
                self.assertEqual([message for message in messages if message.get("jsonrpc") != "2.0"], [])

    def test_progress_is_written_for_each_message(self):
        # What the bridge wrote, whatever of it its client has forgotten.
        for name, stdio in self.stdio.items():
            with self.subTest(name):
                told = {}
                for message in stdio.lines("stdout"):
                    if message.get("method") == "notifications/progress":
                        params = message["params"]
                        told.setdefault(params["progressToken"], []).append(params["progress"])
                for seen in told.values():
                    self.assertEqual(seen, sorted(set(seen)))
                whole = [[value for value in seen if value == int(value)] for seen in told.values()]
                self.assertIn([1, 2, 3, 4, 5], whole)

    def test_stderr_has_the_log(self):
        for name, stdio in self.stdio.items():
            with self.subTest(name):
                lines = stdio.lines("log")
                self.assertIn("catalog published", [line["msg"] for line in lines])
                self.assertEqual([line for line in lines if not line["level"]], [])

    def test_nothing_is_left_when_the_client_is_gone(self):
        deadline = time.monotonic() + END_SECONDS
        while time.monotonic() < deadline and any(stdio.running() for stdio in self.stdio.values()):
            time.sleep(0.05)
        self.assertEqual({name: stdio.running() for name, stdio in self.stdio.items() if stdio.running()}, {})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
