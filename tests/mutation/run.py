#!/usr/bin/env python3
"""run.py BIN_FOLDER [--http N] [--json N] [--lines N] [--seed S] [--only KIND:SEED:NUMBER] [--replay FILE]

Plays mutated HTTP requests and mutated JSON-RPC bodies over sockets to the bridge, and mutated lines to one on stdio, with
the example shop and a service of all kinds of RPC behind it. Every request must be answered, and with an answer that
docs/architecture.md names (reading.py), or be cut off with its connection closed where it is no whole request; the bridge
must neither crash nor let anybody wait. Prints how many answers of each kind there were. Case NUMBER of a seed is always
the same: a failing one is saved beside BIN_FOLDER and the command that plays it alone is printed. --replay sends the bytes
of a file by HTTP.
"""
import argparse
import collections
import json
import pathlib
import random
import re
import socket
import struct
import sys
import tempfile
import time
from urllib.parse import urlsplit

import corpus
import mutators
import reading
from lines import LineBridge
from reading import Unnamed

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "scripts"))
from shop import Program, Shop  # noqa: E402

ANSWER_SECONDS = 10  # also for a bridge under a sanitizer on a busy machine
IDLE_SECONDS = 30  # then the bridge might just be closing it
MAX_FAILURES = 10
# So that a watch without an end does not take longer than anything else.
STREAM_LIMITS = ("--stream-silence", "20ms", "--stream-time", "100ms")
# Those that do nothing but wait.
WAITING = {"Stream_AwaitCancelled", "Stream_Slow"}
SESSION = re.compile(rb"\{\{session:([\d-]+)\}\}")
RESET_AT_CLOSE = struct.pack("ii", 1, 0)  # leaves no TIME_WAIT behind


class Connection:
    def __init__(self, address):
        self.socket = socket.create_connection(address, ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pending = b""
        self.ended = False

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused while we were still sending: its answer tells

    def receive(self):
        try:
            data = self.socket.recv(1 << 18)
        except TimeoutError:
            raise Unnamed(f"nothing came within {ANSWER_SECONDS} s; before that {self.pending[:200]!r}") from None
        except ConnectionResetError:
            raise Unnamed(f"reset; before that {self.pending[:200]!r}") from None
        self.ended = not data
        self.pending += data

    def read_answer(self, method=b""):
        """Status line, headers, body; None at the end of the connection."""
        while (end := self.pending.find(b"\r\n\r\n")) < 0:
            if self.ended:
                if self.pending:
                    raise Unnamed(f"ended in a head: {self.pending[:200]!r}")
                return None
            self.receive()
        lines = self.pending[:end].decode("latin-1").split("\r\n")
        self.pending = self.pending[end + 4:]
        if lines == ["HTTP/1.1 100 Continue"]:
            return self.read_answer(method)
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        if len(headers) != len(lines) - 1:
            raise Unnamed(f"a header twice: {lines}")
        status = lines[0].split()[1]
        if status == "204":
            return lines[0], headers, b""
        # Of the answers to HEAD only a refusal has a body: then the method was not to be trusted.
        if method == b"HEAD" and status in ("404", "405"):
            return lines[0], headers, None
        if headers.get("content-type") == "text/event-stream" and "content-length" not in headers:
            return lines[0], headers, self.read_stream(headers)
        if not headers.get("content-length", "").isdigit():
            raise Unnamed(f"no Content-Length: {lines}")
        return lines[0], headers, self.read_bytes(int(headers["content-length"]))

    def read_bytes(self, size):
        while len(self.pending) < size:
            if self.ended:
                raise Unnamed(f"{len(self.pending)} of {size} bytes of a body")
            self.receive()
        data, self.pending = self.pending[:size], self.pending[size:]
        return data

    def read_stream(self, headers):
        """A body in chunks; for HTTP/1.0, what comes until the end of the connection."""
        if "transfer-encoding" not in headers:
            if headers.get("connection") != "close":
                raise Unnamed(f"a body without an end: {headers}")
            while not self.ended:
                self.receive()
            return self.read_bytes(len(self.pending))
        body, size = b"", None
        while size != 0:
            while b"\r\n" not in self.pending:
                if self.ended:
                    raise Unnamed(f"ended between chunks after {len(body)} bytes")
                self.receive()
            line, self.pending = self.pending.split(b"\r\n", 1)
            size = int(line, 16)
            chunk = self.read_bytes(size + 2)
            if not chunk.endswith(b"\r\n"):
                raise Unnamed(f"a chunk is longer than it says: {chunk[-200:]!r}")
            body += chunk[:-2]
        return body

    def end_sending(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_AT_CLOSE)
        self.socket.close()


class Bridge:
    """One running bridge, its tools and live sessions of each legacy revision."""

    def __init__(self, host):
        name, port = host.rsplit(":", 1)
        self.host, self.address = host, (name, int(port))
        self.connection, self.used, self.sessions = None, 0, {}
        tools = json.loads(self.ask(corpus.modern(host, "tools/list", {}).render())[2])["result"]["tools"]
        self.tools = [tool for tool in tools if tool["name"] not in WAITING]

    def ask(self, data):
        """One whole request on a connection that stays; what it is answered."""
        if time.monotonic() - self.used > IDLE_SECONDS:
            self.forget()
        self.used = time.monotonic()
        self.connection = self.connection or Connection(self.address)
        self.connection.send(data)
        answer = self.connection.read_answer()
        if answer is None:
            raise Unnamed("closed without an answer")
        if answer[1].get("connection") == "close":
            self.forget()
        elif self.connection.pending:
            raise Unnamed(f"more than one answer: {self.connection.pending[:200]!r}")
        return answer

    def forget(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def session(self, revision):
        if revision not in self.sessions:
            body = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
                "protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "mutation", "version": "1"}}}
            request = corpus.modern(self.host, "initialize", {})
            request.headers = [header for header in request.headers if not header[0].lower().startswith(b"mcp-")]
            request.body = json.dumps(body).encode()
            self.sessions[revision] = self.ask(request.render())[1]["mcp-session-id"].encode()
        return self.sessions[revision]

    def note(self, names):
        if "204 empty" in names:
            self.sessions.clear()  # one of them was ended
        return names

    def with_sessions(self, data):
        return SESSION.sub(lambda match: self.session(match[1].decode()), data)


def play_http(bridge, data, pieces):
    """The names of the answers to bytes sent on a connection of their own."""
    connection, names = Connection(bridge.address), []
    try:
        for piece in pieces:
            connection.send(piece)
        due = reading.answers_due(data)
        closing = False
        while len(names) < len(due) and not closing:
            answer = connection.read_answer(due[len(names)])
            if answer is None:
                raise Unnamed(f"closed after {len(names)} of {len(due)} answers")
            names.append(reading.name_answer(*answer))
            closing = answer[1].get("connection") == "close"
        connection.end_sending()
        while answer := connection.read_answer():
            names.append(reading.name_answer(*answer))
        return bridge.note(names) or ["closed: no whole request"]
    finally:
        connection.close()


def http_case(bridge, requests, rng):
    data = bridge.with_sessions(mutators.mutate_http(requests, rng))
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.choice((0, 0, 0, 1, 3))))
    pieces = [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)])]
    return data, lambda: play_http(bridge, data, pieces)


def mirror(request):
    """Makes the headers say what the mutated body says, so that more than the header check sees it."""
    try:
        message = json.loads(request.body)
        values = {b"mcp-method": message["method"], b"mcp-name": message["params"].get("name")}
        for header in request.headers:
            value = values.get(header[0].lower())
            if isinstance(value, str) and value.isascii() and value.isprintable() and value == value.strip():
                header[1] = value.encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass


def play_json(bridge, request):
    answer = bridge.ask(request.render())
    name = reading.name_answer(*answer)
    if name in ("403 -32600", "415 -32600"):
        return [name]  # decided before the body is looked at
    if (name == "400 -32700") == reading.is_json(request.body):
        raise Unnamed(f"{name}, though it is {'' if reading.is_json(request.body) else 'no '}JSON")
    if answer[0].startswith("HTTP/1.1 200"):
        check_fits(request, answer)
    return bridge.note([name])


def check_fits(request, answer):
    """That it is the answer to this request, in a form that the client takes."""
    events = answer[1].get("content-type") == "text/event-stream"
    *before, told = reading.read_events(answer[2]) if events else [json.loads(answer[2])]
    progress = reading.Progress()
    for message in before:
        progress.take(message)
    progress.check_asked(request.body)
    asked = json.loads(request.body)
    if isinstance(asked, dict) and isinstance(told, dict) and asked.get("id") != told.get("id"):
        raise Unnamed(f"the answer has another id: {told.get('id')!r}")
    accepts = [value for name, value in request.headers if name.lower() == b"accept"]
    if accepts in ([b"application/json"], [b"text/event-stream"]) and events != (accepts == [b"text/event-stream"]):
        raise Unnamed(f"{answer[1]['content-type']} for who accepts {accepts[0]}")


def json_body(bridge, requests, rng):
    """A request, and how likely it is damaged."""
    if rng.random() < 0.5:
        return rng.choice(requests).copy(), 0.9
    streams = [tool for tool in bridge.tools if corpus.STREAM_ARGUMENTS & tool["inputSchema"]["properties"].keys()]
    return corpus.call_of(bridge.host, rng.choice(streams if rng.random() < 0.5 else bridge.tools), rng), 0.6


def mutate(request, likely, rng):
    return mutators.mutate_json(request.body, rng) if rng.random() < likely else request.body


def json_case(bridge, requests, rng):
    request, likely = json_body(bridge, requests, rng)
    request.body = mutate(request, likely, rng)
    if rng.random() < 0.7:
        mirror(request)
    for header in request.headers:
        header[1] = header[1] and bridge.with_sessions(header[1])
    return request.render(), lambda: play_json(bridge, request)


def lines_case(bridge, requests, rng):
    data = b"\n".join(mutate(*json_body(bridge, requests, rng), rng) for _ in range(2 if rng.random() < 0.1 else 1))
    must, may, _ = reading.lines_due(data)
    if must not in (0, may) or b"cancelled" in data:
        data = data.replace(b"\n", b" ")  # of one line it is known how many answers to wait for
    return data, lambda: bridge.play(data)


KINDS = {"http": http_case, "json": json_case, "lines": lines_case}


def requests_for(kind, bridge):
    scripts = corpus.from_scripts(bridge.host)
    if kind == "http":
        calls = random.Random(0)
        return scripts + [corpus.call_of(bridge.host, calls.choice(bridge.tools), calls) for _ in range(20)]
    # Only what is wrong with the body should decide.
    return [request for request in scripts if request.body[:1] in (b"{", b"[") and request.line[0] == b"POST"
            and request.line[1] == b"/mcp" and reading.is_json(request.body)
            and request.find(b"content-encoding") is None and request.find(b"connection") is None]


def play(kind, bridge, seed, numbers, folder):
    """Plays cases; the histogram and how many failed."""
    requests, counts, failed, begun = requests_for(kind, bridge), collections.Counter(), 0, time.monotonic()
    for number in numbers:
        data, run = KINDS[kind](bridge, requests, random.Random(f"{kind}:{seed}:{number}"))
        try:
            counts.update(run())
        except (Unnamed, OSError, ValueError) as error:
            failed += 1
            bridge.forget()
            folder.mkdir(exist_ok=True)
            path = folder / f"{kind}-{seed}-{number}.bin"
            path.write_bytes(data)
            print(f"FAIL {kind}:{seed}:{number}: {type(error).__name__} {error}\n  saved as {path}; alone: "
                  f"run.py BIN_FOLDER --only {kind}:{seed}:{number}", flush=True)
            if failed == MAX_FAILURES or isinstance(error, ConnectionRefusedError):
                break
    print(f"{kind}: {len(numbers)} cases in {time.monotonic() - begun:.1f} s, {failed} failed")
    for name, count in counts.most_common():
        print(f"  {count:7} {name}")
    return failed


class Streams:
    """StreamService (tests/interop/upstreams), all of whose methods can be called without knowing anything."""

    def __init__(self, bin_folder):
        self.logs = tempfile.TemporaryDirectory(prefix="mutation-")
        self.program = Program("streams_server", [str(bin_folder / "streams_server")],
                               pathlib.Path(self.logs.name) / "log", {})
        self.target = f"streams={self.program.ready['grpc']}"

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        problem = self.program.stop()
        self.logs.cleanup()
        if problem and kind is None:
            raise RuntimeError(problem)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin_folder", type=pathlib.Path)
    parser.add_argument("--http", type=int, default=0)
    parser.add_argument("--json", type=int, default=0)
    parser.add_argument("--lines", type=int, default=0)
    parser.add_argument("--seed", type=int, default=20261121)
    parser.add_argument("--only")
    parser.add_argument("--replay", type=pathlib.Path)
    options = parser.parse_args()
    failed = 0
    with Streams(options.bin_folder) as streams, Shop(options.bin_folder, [*STREAM_LIMITS, streams.target]) as shop:
        bridge = Bridge(urlsplit(shop.mcp_url).netloc)
        command = [options.bin_folder / "grpc-mcp-bridge", "stdio", *STREAM_LIMITS, streams.target,
                   *(f"{name}={address}" for name, address in shop.services.items())]
        lines = LineBridge(command, bridge.tools, bridge.host, ANSWER_SECONDS)
        bridges = {"http": bridge, "json": bridge, "lines": lines}
        folder = options.bin_folder.resolve().parent / "mutation"
        if options.replay:
            data = options.replay.read_bytes()
            print(play_http(bridge, data, [data]))
        elif options.only:
            kind, seed, number = options.only.split(":")
            failed = play(kind, bridges[kind], int(seed), [int(number)], folder)
        else:
            for kind in KINDS:
                if cases := getattr(options, kind):
                    failed += play(kind, bridges[kind], options.seed, range(cases), folder)
        if problem := lines.end():
            failed += 1
            print(f"FAIL {problem}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
