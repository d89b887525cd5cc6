#!/usr/bin/env python3
"""stdio_end_test.py BIN_FOLDER   how a bridge on stdio ends while a call is under way that does not."""
import json
import pathlib
import signal
import subprocess
import sys
import time
import unittest

BIN = pathlib.Path(sys.argv.pop(1))
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
END_SECONDS = 20


class End(unittest.TestCase):
    def setUp(self):
        upstream = subprocess.Popen([BIN / "fault_upstream", "0", "Echo", "Say", "Hang"], stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.kill, upstream)
        target = f"echo=127.0.0.1:{upstream.stdout.readline().strip()}"
        self.bridge = subprocess.Popen([BIN / "grpc-mcp-bridge", "stdio", target], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.addCleanup(self.kill, self.bridge)
        self.call(1, "Echo_Hang")
        self.call(2, "Echo_Say")  # its answer shows that the other has begun
        self.assertEqual(json.loads(self.bridge.stdout.readline())["id"], 2)

    @staticmethod
    def kill(process):
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()

    def call(self, request_id, tool):
        params = {"name": tool, "arguments": {}, "_meta": META}
        message = {"jsonrpc": "2.0", "id": request_id, "method": "tools/call", "params": params}
        self.bridge.stdin.write(json.dumps(message).encode() + b"\n")
        self.bridge.stdin.flush()

    def expect_cancelled(self):
        answers = [json.loads(line) for line in self.bridge.stdout.read().splitlines()]
        self.assertEqual([(answer["id"], answer["result"]["_meta"]["grpc-mcp-bridge/status"]["name"])
                          for answer in answers], [(1, "CANCELLED")])
        self.assertEqual(self.bridge.wait(END_SECONDS), 0)

    def test_the_end_of_the_input(self):
        self.bridge.stdin.close()
        self.expect_cancelled()

    def test_a_signal(self):
        self.bridge.send_signal(signal.SIGTERM)
        self.expect_cancelled()

    # Both of its pipes end. The second is noticed when the call is answered: that is no second signal, however late it is.
    # Signals are told apart by full seconds, so the first comes late in one.
    def test_a_client_that_is_gone(self):
        time.sleep((0.6 - time.time()) % 1)
        self.bridge.stdin.close()
        self.bridge.stdout.close()
        time.sleep(0.2)
        self.bridge.send_signal(signal.SIGSTOP)
        time.sleep(1.5)
        self.bridge.send_signal(signal.SIGCONT)
        self.assertEqual(self.bridge.wait(END_SECONDS), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
