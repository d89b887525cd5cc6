#!/usr/bin/env python3
"""The wire runner itself: each wrong answer must be seen, each right one accepted."""
import pathlib
import socket
import tempfile
import threading
import unittest

import run

REQUEST = "-- client --\nPOST /mcp HTTP/1.1\nHost: {{host}}\nContent-Length: *\n\n{\"a\":\n  1}\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\nX-Id: s1\r\n\r\n{\"b\": 2}"
WANT = "-- server --\nHTTP/1.1 200 OK\n"

# (name, script after the request, raw answer, part of the mismatch or None)
ROWS = [
    ("white space in a body", WANT + "content-type: application/json\n!Retry-After\n\n{\"b\":\n \t2}\n", OK.replace(b": 2}", b":2} "), "body"),
    ("exact body", WANT + "\n{\"b\": 2}\n", OK, None),
    ("wildcard header", WANT + "X-Id: *\n\n{\"b\": 2}\n", OK, None),
    ("wildcard body", WANT + "\n{\"b\": {{*}}}\n", OK, None),
    ("variable", WANT + "X-Id: {{id}}\n\n{\"b\": 2}\n", OK, None),
    ("status", "-- server --\nHTTP/1.1 404 Not Found\n\n{\"b\": 2}\n", OK, "status line"),
    ("header value", WANT + "X-Id: s2\n\n{\"b\": 2}\n", OK, "header X-Id"),
    ("header missing", WANT + "X-Other: *\n\n{\"b\": 2}\n", OK, "X-Other is missing"),
    ("header there", WANT + "!x-id\n\n{\"b\": 2}\n", OK, "x-id is there"),
    ("body", WANT + "\n{\"b\": 3}\n", OK, "body"),
    ("no body named", WANT, OK, "body"),
    ("bytes after", WANT + "\n{\"b\": 2}\n-- closed --\n", OK + b"x", "more than one answer"),
    ("short body", WANT + "\n{\"b\": 2}\n", OK[:-1], "shorter"),
    ("no framing", WANT, b"HTTP/1.1 200 OK\r\n\r\n", "neither"),
    ("header twice", WANT + "\n{\"b\": 2}\n", OK.replace(b"X-Id", b"Content-Type"), "twice"),
    ("chunks", WANT + "\nevent: a\ndata: b\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
     b"9\r\nevent: a\n\r\n7\r\ndata: b\r\n0\r\n\r\n", None),
    ("events", WANT + "Content-Type: text/event-stream\n\nevent: a\ndata: b\n", b"HTTP/1.1 200 OK\r\n"
     b"Content-Type: text/event-stream\r\nContent-Length: 18\r\n\r\nevent: a\ndata: b\n\n", None),
    ("event not ended", WANT + "\nevent: a\ndata: b\n", b"HTTP/1.1 200 OK\r\n"
     b"Content-Type: text/event-stream\r\nContent-Length: 17\r\n\r\nevent: a\ndata: b\n", "empty line"),
    ("bad chunks", WANT + "\nabc\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n", "chunk"),
]


def answering(raw):
    """A server on a free port that answers one request with `raw`, and what it was sent."""
    listener = socket.create_server(("127.0.0.1", 0))
    received = []

    def serve():
        connection, _ = listener.accept()
        with connection:
            received.append(connection.recv(65536))
            connection.sendall(raw)

    thread = threading.Thread(target=serve)
    thread.start()
    return listener, thread, received


class Runner(unittest.TestCase):
    def play(self, script, raw):
        listener, thread, received = answering(raw)
        try:
            with listener, tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "a.txt"
                path.write_text(script)
                run.play(path, f"127.0.0.1:{listener.getsockname()[1]}", update=False)
        finally:
            thread.join()
        return received[0]

    def test_each_row(self):
        for name, script, raw, want in ROWS:
            with self.subTest(name):
                if want is None:
                    self.play(REQUEST + script, raw)
                else:
                    with self.assertRaisesRegex(run.Mismatch, want):
                        self.play(REQUEST + script, raw)

    def test_the_request_goes_out_as_written(self):
        sent = self.play(REQUEST + WANT + "\n{\"b\": 2}\n", OK)
        self.assertRegex(sent, rb"^POST /mcp HTTP/1\.1\r\nHost: 127\.0\.0\.1:\d+\r\nContent-Length: 7\r\n\r\n\{\"a\":1\}$")

    def test_repeat(self):
        self.assertEqual(b"aaa\r\n\r\nbb", run.request_bytes("{{a*3}}\n\n{{b*2}}\n", {}))

    def test_a_script_without_an_answer_checks_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.txt"
            path.write_text(REQUEST)
            with self.assertRaisesRegex(run.Mismatch, "checks nothing"):
                run.play(path, "127.0.0.1:1", update=False)


if __name__ == "__main__":
    unittest.main()
