#!/usr/bin/env python3
"""run.py [--update] BIN_FOLDER [REGEX]   plays the wire scripts beside it against the bridge and the shop.

A script is a text file: prose about what is pinned, then exchanges on one connection, literally.

    -- client --
    POST /mcp HTTP/1.1
    Host: {{host}}
    Content-Length: *

    {"jsonrpc":"2.0",
     "method":"ping","id":1}
    -- server --
    HTTP/1.1 200 OK
    Content-Type: application/json
    Mcp-Session-Id: {{session}}
    !Retry-After

    {"jsonrpc":"2.0","id":1,"result":{}}

* Lines of a head are sent with CRLF. `Content-Length: *` is computed.
* A body that starts with { or [ is JSON: its lines are joined, indentation removed. Other bodies keep their lines;
  line ends at their end do not count.
* A server block names the whole status line, some headers (`Name: *` any value; `!Name` absent) and the whole body.
* {{host}} is the bridge's HOST:PORT. Another {{name}} in a server block takes what is there the first time and stands
  for it from then on, in client blocks too; {{*}} takes any text. {{x*1000}} in a client block is x a thousand times.
* `-- closed --` says that the server closes the connection here. The next client block opens a new one.

Each answer's framing is checked too: a Content-Length that fits or chunks, and nothing after it.
--update rewrites the server blocks with what the bridge said; read the diff.
"""
import argparse
import pathlib
import re
import socket
import sys
from urllib.parse import urlsplit

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))
from shop import Shop  # noqa: E402

SECTION = re.compile(r"^-- (client|server|closed) --\n", re.M)
VARIABLE = re.compile(r"\{\{([^{}]+)\}\}")
REPEAT = re.compile(r"(.)\*(\d+)$")
TIMEOUT_SECONDS = 10


class Mismatch(Exception):
    pass


def split_block(text):
    """Head lines and body of a block as written."""
    head, _, body = text.rstrip("\n").partition("\n\n")
    if body[:1] in ("{", "["):
        body = "".join(line.strip() for line in body.split("\n"))
    return head.split("\n"), body


def substitute(text, variables):
    def value(match):
        repeat = REPEAT.match(match[1])
        if repeat:
            return repeat[1] * int(repeat[2])
        if match[1] not in variables:
            raise Mismatch(f"{{{{{match[1]}}}}} has no value yet")
        return variables[match[1]]
    return VARIABLE.sub(value, text)


def match_text(want, got, variables, what):
    """Compares, and takes the values of variables that have none."""
    pattern, names = "", []
    for index, part in enumerate(VARIABLE.split(want)):
        if index % 2 == 0:
            pattern += re.escape(part)
        elif part == "*":
            pattern += ".*?"
        elif part in variables:
            pattern += re.escape(variables[part])
        else:
            pattern += f"(?P<{part}>[^\\s\"]+?)"
            names.append(part)
    found = re.fullmatch(pattern, got, re.S)
    if not found:
        raise Mismatch(f"{what}\n  want {want}\n  got  {got[:2000]}")
    variables.update(found.groupdict())


class Connection:
    def __init__(self, host):
        name, port = host.rsplit(":", 1)
        self.socket = socket.create_connection((name, int(port)), TIMEOUT_SECONDS)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused while we were still sending: its answer tells

    def line(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise Mismatch(f"connection ended inside a line: {line!r}")
        return line[:-2].decode("latin-1")

    def read_chunks(self):
        body = b""
        while size := int(self.line(), 16):
            body += self.file.read(size)
            if self.line():
                raise Mismatch("a chunk is longer than it says")
        if self.line():
            raise Mismatch("trailers")
        return body

    def read_answer(self):
        """Status line, [(name, value)], body as text."""
        status, headers = self.line(), []
        while line := self.line():
            name, colon, value = line.partition(":")
            if not colon or not name or name != name.strip():
                raise Mismatch(f"not a header: {line!r}")
            headers.append((name, value.strip()))
        by_name = {name.lower(): value for name, value in headers}
        if len(by_name) != len(headers):
            raise Mismatch(f"a header twice: {headers}")
        if by_name.get("transfer-encoding") == "chunked":
            body = self.read_chunks()
        elif status.split()[1] in ("204", "304"):
            body = b""
        else:
            if "content-length" not in by_name:
                raise Mismatch("neither Content-Length nor chunks")
            body = self.file.read(int(by_name["content-length"]))
            if len(body) != int(by_name["content-length"]):
                raise Mismatch("the body is shorter than its Content-Length")
        return status, headers, body.decode()

    def expect_closed(self):
        try:
            rest = self.file.read(1)
        except ConnectionResetError:
            return
        except TimeoutError:
            raise Mismatch("the connection is still open") from None
        if rest:
            raise Mismatch(f"more than one answer: {(rest + self.file.peek())[:200]!r}")

    def expect_quiet(self):
        self.socket.settimeout(0)
        try:
            rest = self.socket.recv(200)
        except (BlockingIOError, ConnectionResetError):
            rest = b""
        self.socket.settimeout(TIMEOUT_SECONDS)
        if rest:
            raise Mismatch(f"unasked bytes after the last answer: {rest!r}")

    def close(self):
        self.file.close()
        self.socket.close()


def request_bytes(block, variables):
    head, body = split_block(block)
    data = substitute(body, variables).encode()
    lines = [substitute(line, variables) for line in head]
    lines = [f"Content-Length: {len(data)}" if line.lower() == "content-length: *" else line for line in lines]
    return "".join(line + "\r\n" for line in lines).encode("latin-1") + b"\r\n" + data


def check_answer(block, answer, variables):
    (status, headers, body), (want_head, want_body) = answer, split_block(block)
    by_name = {name.lower(): value for name, value in headers}
    seen = f"\n  the answer: {status} {by_name} {body[:2000]}"
    match_text(want_head[0], status, variables, "status line" + seen)
    for line in want_head[1:]:
        if line.startswith("!"):
            if line[1:].lower() in by_name:
                raise Mismatch(f"header {line[1:]} is there{seen}")
            continue
        name, _, want = (part.strip() for part in line.partition(":"))
        if name.lower() not in by_name:
            raise Mismatch(f"header {name} is missing{seen}")
        if want != "*":
            match_text(want, by_name[name.lower()], variables, f"header {name}")
    if by_name.get("content-type") == "text/event-stream" and not body.endswith("\n\n"):
        raise Mismatch(f"the last event is not ended by an empty line{seen}")
    match_text(want_body, body.rstrip("\n"), variables, "body")


def rewritten(block, answer, variables):
    """The server block as the bridge answers now; headers that the script does not name stay out."""
    try:
        check_answer(block, answer, dict(variables))
        return block
    except Mismatch:
        pass
    status, headers, body = answer
    by_name = {name.lower(): value for name, value in headers}
    lines = [status]
    for line in split_block(block)[0][1:]:
        name = line.lstrip("!").partition(":")[0]
        value = by_name.get(name.lower())
        lines.append(f"!{name}" if value is None else line if line.endswith(("*", "}}")) else f"{name}: {value}")
    return "\n".join(lines) + "\n" + (f"\n{body}\n" if body else "") + "\n"


def play(path, host, update):
    parts = SECTION.split(path.read_text())
    sections = list(zip(parts[1::2], parts[2::2]))
    if not any(kind == "server" for kind, _ in sections):
        raise Mismatch("a script without a server block checks nothing")
    variables, connection, answers = {"host": host}, None, []
    try:
        for number, (kind, block) in enumerate(sections, 1):
            try:
                if kind == "client":
                    connection = connection or Connection(host)
                    connection.send(request_bytes(block, variables))
                elif kind == "server":
                    answer = connection.read_answer()
                    if update:
                        parts[2 * number] = rewritten(block, answer, variables)
                    check_answer(parts[2 * number], answer, variables)
                else:
                    connection.expect_closed()
                    connection.close()
                    connection = None
            except (Mismatch, OSError, ValueError) as error:
                raise Mismatch(f"block {number} ({kind}): {error}") from None
        if connection:
            connection.expect_quiet()
    finally:
        if connection:
            connection.close()
    if update:
        text = parts[0] + "".join(f"-- {kind} --\n{block}" for kind, block in zip(parts[1::2], parts[2::2]))
        path.write_text(text.rstrip("\n") + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("bin_folder")
    parser.add_argument("regex", nargs="?", default="")
    options = parser.parse_args()
    scripts = [path for path in sorted(HERE.rglob("*.txt")) if re.search(options.regex, str(path.relative_to(HERE)))
               and path.name != "CMakeLists.txt"]
    if not scripts:
        sys.exit("no script matches")
    failed = 0
    with Shop(options.bin_folder) as shop:
        for path in scripts:
            name = path.relative_to(HERE)
            try:
                play(path, urlsplit(shop.mcp_url).netloc, options.update)
                print(f"ok   {name}", flush=True)
            except Mismatch as error:
                failed += 1
                print(f"FAIL {name}: {error}", flush=True)
    print(f"{len(scripts)} scripts, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
