"""The requests that are mutated: those of the wire scripts, and a call of every tool the bridge lists."""
import dataclasses
import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
import run as wire  # noqa: E402

LONGEST = 16_000  # bytes: mutations of large requests are mostly mutations of filler
VERSION = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES = "io.modelcontextprotocol/clientCapabilities"
ACCEPTS = [b"application/json, text/event-stream", b"application/json", b"text/event-stream", b"*/*", None,
           b"application/json;q=0.1, text/event-stream", b"text/*;q=0.5, application/json", b"application/*", b"text/html",
           b"text/event-stream;q=0, */*;q=0.1", b""]


@dataclasses.dataclass
class Request:
    """One request in parts. Names and values are as sent; a Content-Length of None is computed."""
    line: list  # method, target, version
    headers: list  # [name, value]
    body: bytes

    def copy(self):
        return Request(list(self.line), [list(header) for header in self.headers], self.body)

    def find(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)

    def render(self):
        lines = [b" ".join(self.line)]
        for name, value in self.headers:
            lines.append(name + b": " + (str(len(self.body)).encode() if value is None else value))
        return b"\r\n".join(lines) + b"\r\n\r\n" + self.body


def from_block(block, variables):
    head, body = wire.split_block(block)
    lines = [wire.substitute(line, variables).encode("latin-1") for line in head]
    headers = [line.split(b": ", 1) if b": " in line else [line.rstrip(b":"), b""] for line in lines[1:]]
    headers = [[name, None if name.lower() == b"content-length" and value == b"*" else value]
               for name, value in headers]
    return Request(lines[0].split(b" ", 2), headers, wire.substitute(body, variables).encode())


def from_scripts(host):
    """Every client block of the wire scripts. {{session}} stays {{session:REVISION}}, to be put in when sent."""
    requests = []
    for path in sorted((HERE.parent / "wire").rglob("*.txt")):
        if path.name == "CMakeLists.txt":
            continue
        parts = wire.SECTION.split(path.read_text())
        revision = "2025-11-25"
        for kind, block in zip(parts[1::2], parts[2::2]):
            if kind != "client":
                continue
            if '"initialize"' in block and (found := re.search(r'"protocolVersion":"(\d{4}-\d\d-\d\d)"', block)):
                revision = found[1]
            names = {match[1]: f"{{{{session:{revision}}}}}" for match in wire.VARIABLE.finditer(block)
                     if not wire.REPEAT.match(match[1])}
            request = from_block(block, {**names, "host": host})
            if len(request.body) + sum(len(value or b"") for _, value in request.headers) < LONGEST:
                requests.append(request)
    return requests


def modern(host, method, params, meta=(), accept=ACCEPTS[0]):
    """A modern request with the headers it needs; an Accept of None is left out."""
    meta = {VERSION: "2026-07-28", CAPABILITIES: {}, **dict(meta)}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
    headers = [[b"Host", host.encode()], [b"Content-Type", b"application/json"],
               [b"MCP-Protocol-Version", b"2026-07-28"], [b"Mcp-Method", method.encode()]]
    if accept is not None:
        headers.append([b"Accept", accept])
    if "name" in params:
        headers.append([b"Mcp-Name", params["name"].encode()])
    headers.append([b"Content-Length", None])
    return Request([b"POST", b"/mcp", b"HTTP/1.1"], headers, json.dumps(body).encode())


TEXTS = ["", "a", "prod-1001", "order-1", "order-6", "1", "-1", "1.5", "2026-01-02T03:04:05Z", "3.5s", "AAEC",
         "title,price", "ACTIVE", "x" * 300, "\u00fc\U0001f600", "\u0000", "a\"b\\c"]
# What tools have that stream.
STREAM_ARGUMENTS = {"messages", "stream_limit"}
# Of progress, also such as are none.
TOKENS = ["t", 7, 0, -1, 1.5, 2**63, "", "x" * 254, "x" * 300, "\u00fc\"\\\U0001f600", None, True, {}, ["t"]]
NUMBERS = [0, 1, -1, 2, 100, 2**31 - 1, 2**31, -2**31 - 1, 2**53, 2**63, 2**64, 0.5, -0.0, 1e308]


def value_of(schema, definitions, random, depth=0):
    """A value that fits the schema, nearly always."""
    if depth > 8 or random.random() < 0.01:
        return None
    if "$ref" in schema:
        return value_of(definitions.get(schema["$ref"].rsplit("/", 1)[-1], {}), definitions, random, depth + 1)
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return value_of(random.choice(schema[choice]), definitions, random, depth + 1)
    if "enum" in schema:
        return random.choice(schema["enum"])
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = random.choice(kind)
    if kind == "object":
        required = set(schema.get("required", ()))
        value = {name: value_of(member, definitions, random, depth + 1)
                 for name, member in schema.get("properties", {}).items()
                 if name in required or random.random() < 0.4}
        if isinstance(more := schema.get("additionalProperties"), dict) and random.random() < 0.5:
            value[random.choice(TEXTS)] = value_of(more, definitions, random, depth + 1)
        return value
    if kind == "array":
        return [value_of(schema.get("items", {}), definitions, random, depth + 1)
                for _ in range(random.choice((0, 1, 1, 2, 5)))]
    if kind in ("integer", "number"):
        return random.choice(NUMBERS)
    if kind == "boolean":
        return random.random() < 0.5
    return random.choice(TEXTS)


def call_of(host, tool, random):
    schema = tool["inputSchema"]
    arguments = value_of(schema, schema.get("$defs", {}), random)
    meta = {"progressToken": random.choice(TOKENS)} if random.random() < 0.5 else {}
    accept = random.choice(ACCEPTS) if random.random() < 0.5 else ACCEPTS[0]
    return modern(host, "tools/call", {"name": tool["name"], "arguments": arguments}, meta, accept)
