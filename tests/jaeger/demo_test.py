#!/usr/bin/env python3
"""scripts/demo with a Jaeger ($JAEGER), as a person runs it: what it shows, and that it leaves nothing behind."""
import os
import pathlib
import re
import secrets
import signal
import subprocess
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
sys.path.insert(0, str(ROOT / "tests/readme"))
import readme  # noqa: E402
from jaeger import Jaeger  # noqa: E402

UP = "All of it stays up until Ctrl-C."
SERVICES = {"shop-agent", "grpc-mcp-bridge", "shop-orders", "shop-catalog", "shop-payments"}
END_SECONDS = 30


class Demo:
    """A running scripts/demo. All that it starts inherits a variable, by which it is found again."""

    def __init__(self, *options, **environment):
        self.mark = f"DEMO_TEST={secrets.token_hex(8)}"
        name, value = self.mark.split("=")
        self.process = subprocess.Popen([ROOT / "scripts/demo", *options], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                        env={**os.environ, **environment, name: value}, start_new_session=True)

    def read_until(self, end):
        """What it prints up to a line with `end` at its end, or to its own end."""
        lines = []
        for line in self.process.stdout:
            lines.append(line)
            if end and line.endswith(f"{end}\n"):
                break
        return "".join(lines)

    def left(self):
        """The programs of it that still run."""
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (process / "environ").read_bytes().split(b"\0"):
                    found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                pass  # it has ended meanwhile
        return found

    def close(self):
        """Ends what a failed test leaves."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


class DemoTest(unittest.TestCase):
    def start(self, *options, **environment):
        demo = Demo(*options, **environment)
        self.addCleanup(demo.close)
        printed = demo.read_until(UP)
        self.assertIn(UP, printed)
        return demo, printed

    def check_end(self, demo, code):
        printed = demo.read_until(None)
        self.assertEqual(demo.process.wait(END_SECONDS), code, printed)
        deadline = time.monotonic() + END_SECONDS
        while (left := demo.left()) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual(left, [])

    def test_terminated_while_it_builds(self):
        demo = Demo()
        self.addCleanup(demo.close)
        demo.read_until("building the release preset")
        demo.process.terminate()
        self.check_end(demo, 130)

    def test_with_jaeger_until_ctrl_c(self):
        demo, printed = self.start("--jaeger")
        tree = printed[printed.index("read back from Jaeger"):printed.index("Open")]
        for service in SERVICES:
            self.assertIn(f" {service} ", tree)
        self.assertRegex(printed, r"http://127\.0\.0\.1:\d+/api/v3/traces/[0-9a-f]{32} ")
        self.assertEqual(len([each for each in demo.left() if "jaeger" in each.split()[0]]), 1)
        os.killpg(demo.process.pid, signal.SIGINT)  # as a terminal does
        self.check_end(demo, 0)

    def test_docs_show_what_it_prints(self):
        markdown = (ROOT / "docs/tracing.md").read_text()
        self.assertTrue(any(shown for _, _, shown in readme.parse(markdown)), "it shows no output")
        self.assertEqual("", readme.check(markdown))

    def test_with_a_collector_of_ones_own_until_terminated(self):
        with Jaeger(os.environ["JAEGER"]) as jaeger:
            endpoint = jaeger.otlp_grpc
            demo, printed = self.start(OTEL_EXPORTER_OTLP_ENDPOINT=endpoint, OTEL_EXPORTER_OTLP_PROTOCOL="grpc",
                                       OTEL_BSP_SCHEDULE_DELAY="100")
            self.assertIn(f"OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}\n", printed)
            trace_id = re.search(r"^4\. .*\(([0-9a-f]{32})\)$", printed, re.M)[1]
            jaeger.wait_for_trace(trace_id, lambda spans: {span.service for span in spans} == SERVICES)
            demo.process.terminate()  # scripts/demo alone, not what it has started
            self.check_end(demo, 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
