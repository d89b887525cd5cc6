"""What is done to a request or a JSON text. Everything is drawn from the given random.Random."""
import json

from corpus import NUMBERS, TEXTS, VERSION

SMUGGLING = [
    (b"Transfer-Encoding", b"chunked"), (b"Transfer-Encoding", b"xchunked"), (b"Transfer-Encoding", b"gzip, chunked"),
    (b"Transfer-Encoding", b"identity"), (b"Transfer-encoding", b"\x0bchunked"), (b"Transfer-Encoding ", b"chunked"),
    (b"Content-Length", b"0"), (b"Content-Length", b"5"), (b"Content-Length", b"+5"), (b"Content-Length", b"-1"),
    (b"Content-Length", b"0x10"), (b"Content-Length", b"5, 5"), (b"Content-Length", b"18446744073709551616"),
    (b"Content-Length", b"5000000"), (b"Host", b"evil"), (b"Host", b"localhost"), (b"Expect", b"100-continue"),
    (b"Expect", b"x"), (b"Connection", b"close"), (b"Connection", b"keep-alive, Upgrade"), (b"Upgrade", b"h2c"),
    (b"Trailer", b"Host"), (b"Origin", b"http://evil.example"), (b"Origin", b"null"), (b"Origin", b"http://localhost"),
    (b"Content-Encoding", b"gzip"), (b"Mcp-Session-Id", b"x"), (b"Mcp-Name", b"=?base64?YQ==?="), (b"Accept", b"*/*"),
    (b"Accept", b"text/event-stream"), (b"Accept", b"application/json"), (b"Accept", b"text/html;q=0"),
    (b"MCP-Protocol-Version", b"2025-11-25"),
    (b"traceparent", b"00-" + b"a" * 32 + b"-" + b"b" * 16 + b"-01"), (b"tracestate", b"a=" + b"b" * 600),
]
VALUES = [b"", b" ", b"0", b"-1", b"*", b"null", b"\x00", b"a\x00b", b"\xff\xfe", b"a\tb", b"=?base64?!!?=",
          b"=?base64?/w==?=", b"application/json;charset=utf-16", b"text/plain", b"2026-07-28", b"2099-01-01",
          b"initialize", b"tools/call", b"a,b", b"[::1]", b"127.0.0.1:1", b"a" * 5000, b"a" * 17_000, b"\xc3\xbc"]
METHODS = [b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"PATCH", b"post", b"PRI", b"P OST",
           b""]
TARGETS = [b"/", b"/mcp?x=1", b"/MCP", b"/mcp/", b"/%6dcp", b"*", b"http://localhost/mcp", b"http://evil/mcp", b"mcp",
           b"/mcp#a", b"/mcp\x00", b"//mcp", b"/" + b"a" * 17_000, b"/mcp HTTP/1.1", b"localhost:80", b""]
VERSIONS = [b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"HTTP/0.9", b"http/1.1", b"HTTP/1.1 ", b"HTTP/11", b"HTTP/1.10",
            b""]
PIECES = [b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b",", b";", b"0", b"\x00", b"\x7f", b"\xff", b"\"",
          b"{", b"}", b"[", b"]", b"\\", b"\\u0000", b"\\ud800", b"ffffffffffffffff", b"-1", b"1e999", b"0\r\n\r\n",
          b"Host: h\r\n", b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"HTTP/1.1", b"X: y\r\n z\r\n",
          b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n", b"\xef\xbb\xbf", b"null", b"\xed\xa0\x80", b"\xc0\x80"]


def change_bytes(data, random):
    at = random.randrange(len(data) + 1)
    how = random.randrange(7)
    if how == 0:
        return data[:at] + data[at + 1 + random.randrange(8):]
    if how == 1:
        return data[:at] + random.choice(PIECES) + data[at:]
    if how == 2:
        return data[:at] + bytes([random.randrange(256)]) + data[at + 1:]
    if how == 3:
        start = random.randrange(len(data) + 1)
        return data[:at] + data[start:start + random.randrange(60)] + data[at:]
    if how == 4 and at < len(data):
        return data[:at] + bytes([data[at] ^ 1 << random.randrange(8)]) + data[at + 1:]
    if how == 5:
        return data[:at] + bytes([random.choice(b" \t\r\n0a\"{[")]) * random.randrange(1, 200) + data[at:]
    return data[:at]


# HTTP ---------------------------------------------------------------------------------------------------------------

def chunk(body, random):
    """The body in the chunked coding, sometimes wrongly."""
    out = b""
    while body:
        size = random.randrange(1, len(body) + 1) if random.random() < 0.5 else len(body)
        text = b"%x" % size
        if random.random() < 0.1:
            text = random.choice([b"0" * 12 + text, b"+" + text, b"0x" + text, text + b" ", b"-" + text, text.upper(),
                                  b"%x" % (size + random.randrange(-2, 3)), b"f" * 17, b"ffffffffffffffff", b"", b"g"])
        if random.random() < 0.2:
            text += random.choice([b";a=b", b";", b";a=\"b;c\"", b" ;a", b";\x00", b";" + b"a" * 1100])
        end = b"\r\n" if random.random() < 0.97 else random.choice([b"\n", b"", b"x\r\n"])
        out += text + b"\r\n" + body[:size] + end
        body = body[size:]
    trailer = random.choice(SMUGGLING) if random.random() < 0.1 else (b"X-Sum", b"1")
    return out + b"0\r\n" + (b"%s: %s\r\n" % trailer if random.random() < 0.2 else b"") + b"\r\n"


def change_request(request, others, random):
    """One structural change, in place."""
    headers = request.headers
    some = random.randrange(len(headers)) if headers else None
    how = random.randrange(12)
    if how == 0 and headers:
        copy = list(headers[some])
        if random.random() < 0.5:
            copy[1] = random.choice(VALUES)
        headers.insert(random.randrange(len(headers) + 1), copy)
    elif how == 1 and headers:
        del headers[some]
    elif how == 2 and headers:
        headers[some][1] = random.choice(VALUES)
    elif how in (3, 4):
        headers.insert(random.randrange(len(headers) + 1), list(random.choice(SMUGGLING)))
    elif how == 5 and headers:
        name = headers[some][0]
        headers[some][0] = random.choice([name.upper(), name.lower(), name + b" ", name + b"\t", b" " + name, b"",
                                          name.replace(b"-", b"_"), name + b"\x00", b"X-" + name, b"\r\n" + name])
    elif how in (6, 7):
        headers[:] = [header for header in headers if header[0].lower() != b"content-length"]
        headers.append([b"Transfer-Encoding", random.choice([b"chunked"] * 6 + [b"CHUNKED", b"chunked, chunked"])])
        request.body = chunk(request.body, random)
    elif how == 8:
        part = random.randrange(3)
        request.line[part] = random.choice((METHODS, TARGETS, VERSIONS)[part])
    elif how == 9:
        count = random.choice((1, 50, 95, 120))
        headers += [[b"X-%d" % i, b"a" * random.choice((1, 100, 180))] for i in range(count)]
    elif how == 10:
        other = random.choice(others)
        if random.random() < 0.5:
            request.body = other.body
        else:
            headers[:] = [list(header) for header in other.headers]
    elif headers:
        header = headers[random.randrange(len(headers))]
        value = header[1] or b"0"
        at = random.randrange(len(value) + 1)
        header[1] = value[:at] + random.choice(PIECES) + value[at:]


def mutate_http(requests, random):
    """The bytes of one or two requests, damaged."""
    data = b""
    for _ in range(2 if random.random() < 0.15 else 1):
        request = random.choice(requests).copy()
        for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
            change_request(request, requests, random)
        data += request.render()
    if random.random() < 0.5:
        for _ in range(random.choice((1, 1, 2, 4))):
            data = change_bytes(data, random)
    return data


# JSON ---------------------------------------------------------------------------------------------------------------

class Members(list):
    """An object as [name, value] pairs, so that a name may stand twice."""


class Raw(str):
    """JSON text, or what is none."""


RAW = [Raw(text) for text in (
    "NaN", "01", "1.", "-", "1e400", "-0", "1e-400", "123456789012345678901234567890", '"\\ud800"', '"\\udc00\\ud800"',
    '"\\ud83d\\ude00"', '"\\x"', '"\t"', "[" * 60 + "]" * 60, "[" * 99 + "]" * 99, "[" * 3000 + "]" * 3000,
    '{"a":1,"a":2}', "[1,]", "{}", "[]", "tru", "'a'", "/**/1", "\"\\u0000\"", "0.1e1", "1E+2", "{\"a\" : [ ] }",
    "[{},{}]", '{"messages":2}', '{"messages":0,"seconds":1}', "")]
LEAVES = [None, True, False, [], {}, *NUMBERS, *TEXTS, *RAW, "x" * 10_000, "tools/call", "tools/list", "initialize",
          "ping", "server/discover", "notifications/cancelled", "2026-07-28", "2025-06-18"]
NAMES = ["jsonrpc", "id", "method", "params", "result", "error", "_meta", "name", "arguments", "cursor",
         "protocolVersion", "clientInfo", "capabilities", "progressToken", "messages", "stream_limit", "seconds", "", "a",
         "__proto__", "x" * 300, VERSION, "\u00fc"]


def parse(text):
    return json.loads(text, object_pairs_hook=lambda pairs: Members([name, value] for name, value in pairs))


def dump(value):
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, Members):
        return "{" + ",".join(json.dumps(name) + ":" + dump(member) for name, member in value) + "}"
    if isinstance(value, dict):
        return dump(Members([name, member] for name, member in value.items()))
    if isinstance(value, list):
        return "[" + ",".join(map(dump, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def containers(value):
    found = [value] if isinstance(value, list) and value else []
    for item in value if isinstance(value, list) else ():
        found += containers(item[1] if isinstance(value, Members) else item)
    return found


def change_json(root, random):
    places = containers(root)
    if not places:
        return random.choice(LEAVES)
    place = random.choice(places)
    at = random.randrange(len(place))
    members = isinstance(place, Members)
    how = random.randrange(8)
    if how <= 2:
        value = random.choice(LEAVES)
        place[at] = [place[at][0], value] if members else value
    elif how == 3:
        del place[at]
    elif how == 4:
        place.insert(random.randrange(len(place) + 1), list(place[at]) if members else place[at])
    elif how == 5 and members:
        place[at] = [random.choice(NAMES), place[at][1]]
    elif how == 6 and members:
        place.append([random.choice(NAMES), random.choice(LEAVES)])
    elif how == 7:
        random.shuffle(place)
    return root


def mutate_json(text, random):
    """One JSON-RPC body, damaged as data, as text, or both."""
    how = random.random()
    if how < 0.75:
        root = parse(text)
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            root = change_json(root, random)
        if random.random() < 0.05:
            root = [root] * random.choice((1, 2, 60))
        text = dump(root).encode("utf-8", "surrogatepass")
    if how > 0.6:
        for _ in range(random.choice((1, 1, 2, 4))):
            text = change_bytes(text, random)
    return text
