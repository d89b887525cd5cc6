"""Receives spans by OTLP/HTTP. The few fields that the tests need are read from the bytes, by the
published numbers, and not with the sender's own code."""

import http.server
import threading
import time

WAIT_SECONDS = 20


def fields(data):
    """(number, value) of each field of a protobuf message."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(data):
        tag = varint()
        kind = tag & 7
        if kind == 0:
            yield tag >> 3, varint()
            continue
        size = {1: 8, 2: None, 5: 4}[kind]
        size = varint() if size is None else size
        yield tag >> 3, data[at : at + size]
        at += size


def find(data, *path):
    """All values at the path of field numbers."""
    if not path:
        return [data]
    return [
        value
        for number, part in fields(data)
        if number == path[0]
        for value in find(part, *path[1:])
    ]


def attributes(data, number):
    """Those of strings and integers, by key."""
    result = {}
    for pair in find(data, number):
        key = find(pair, 1)[0].decode()
        for kind, value in fields(find(pair, 2)[0]):
            result[key] = value.decode() if kind == 1 else value
    return result


class Span:
    def __init__(self, service, data):
        self.service = service
        self.trace_id = find(data, 1)[0].hex()
        self.span_id = find(data, 2)[0].hex()
        self.trace_state = b"".join(find(data, 3)).decode()
        self.parent = b"".join(find(data, 4)).hex()
        self.name = find(data, 5)[0].decode()
        self.kind = {2: "server", 3: "client"}[find(data, 6)[0]]
        self.attributes = attributes(data, 9)
        self.error = find(data, 15, 3) == [2]

    def __repr__(self):
        return f"{self.service} {self.kind} {self.name}"


class Receiver:
    """Listens at `endpoint`."""

    def __init__(self):
        self._spans = []
        self._changed = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver._receive(self.path, body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def _receive(self, path, body):
        spans = []
        for resource_spans in find(body, 1):
            service = attributes(find(resource_spans, 1)[0], 1)["service.name"]
            spans += [Span(service, data) for data in find(resource_spans, 2, 2)]
        with self._changed:
            self._spans += spans if path == "/v1/traces" else []
            self._changed.notify_all()

    def wait(self, trace_id, enough):
        """The spans of the trace, as soon as `enough` of them is true."""
        end = time.monotonic() + WAIT_SECONDS
        with self._changed:
            while True:
                spans = [span for span in self._spans if span.trace_id == trace_id]
                if enough(spans):
                    return spans
                if not self._changed.wait(end - time.monotonic()):
                    raise AssertionError(f"no more spans come; there are {spans}")

    def all(self):
        with self._changed:
            return list(self._spans)

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
