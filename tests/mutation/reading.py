"""A second opinion, written apart from the bridge's sources: whether bytes are whole requests, whether a text is
JSON, and whether an answer is one that docs/architecture.md ("What is answered when") names."""
import json
import re

MAX_BODY = 4 * 1024 * 1024
MAX_DEPTH = 100
STATUS = re.compile(r"HTTP/1\.1 (\d{3}) [A-Za-z -]+")
# What the HTTP server says itself, in one line of text. 408 and 503 are missing on purpose: here nobody is slow and
# nothing is full.
REFUSALS = {400, 413, 414, 417, 431, 501, 505}
ERRORS = {(400, -32700), (400, -32600), (400, -32602), (400, -32020), (400, -32022), (403, -32600), (404, -32600),
          (404, -32601), (405, -32600), (406, -32600), (415, -32600), (200, -32600), (200, -32601), (200, -32602)}
# On stdio, which has no statuses.
LINE_ERRORS = {-32700, -32600, -32601, -32602, -32022}


class Unnamed(Exception):
    """An answer, or the lack of one, that no table names."""


# Requests -----------------------------------------------------------------------------------------------------------

def chunked_end(data):
    """Where a chunked body ends; -1 when it is broken, None when more must come."""
    at = 0
    while True:
        end = data.find(b"\r\n", at)
        if b"\n" in data[at:end + 1 if end >= 0 else len(data)]:
            return -1
        if end < 0:
            return None
        size = re.match(rb"[0-9a-fA-F]{1,16}(?=;|$)", data[at:end])
        if not size or int(size[0], 16) > MAX_BODY:
            return -1
        at = end + 2
        if int(size[0], 16) == 0:
            break
        at += int(size[0], 16)
        if data[at:at + 2] != b"\r\n":
            return -1 if b"\n" in data[at:] else None
        at += 2
    while True:  # trailers
        end = data.find(b"\r\n", at)
        if end < 0:
            return -1 if b"\n" in data[at:] else None
        if end == at:
            return at + 2
        at = end + 2


def first_request(data):
    """How many bytes the first request has; -1 when it must be refused, None when more must come."""
    skipped = 2 if data.startswith(b"\r\n") else 0
    end = data.find(b"\r\n\r\n", skipped)
    head = data[skipped:] if end < 0 else data[skipped:end]
    if re.search(rb"(?<!\r)\n", head):
        return -1
    if end < 0:
        return None
    lines = head.split(b"\r\n")
    fields = [line.partition(b":") for line in lines[1:]]
    codings = [value.strip(b" \t").lower() for name, _, value in fields if name.lower() == b"transfer-encoding"]
    lengths = [value.strip(b" \t") for name, _, value in fields if name.lower() == b"content-length"]
    body = end + 4
    if codings:
        if codings != [b"chunked"] or lengths or lines[0].endswith(b"HTTP/1.0"):
            return -1
        size = chunked_end(data[body:])
        return size if size in (None, -1) else body + size
    if lengths:
        if len(lengths) > 1 or not re.fullmatch(rb"[0-9]+", lengths[0]) or int(lengths[0]) > MAX_BODY:
            return -1
        size = int(lengths[0])
        return body + size if len(data) >= body + size else None
    return body


def answers_due(data):
    """The methods of the requests that must be answered, unless an answer closes the connection before."""
    due = []
    while data and (size := first_request(data)) is not None:
        due.append(data.removeprefix(b"\r\n").split(b" ", 1)[0])
        if size < 0:
            break
        data = data[size:]
    return due


# JSON ---------------------------------------------------------------------------------------------------------------

def is_json(data):
    """Strict RFC 8259 in UTF-8 of limited depth."""
    def refuse(text):
        raise ValueError(text)
    try:
        text = data.decode("utf-8")
        if text.startswith("\ufeff") or depth_of(text) > MAX_DEPTH:
            return False
        value = json.loads(text, parse_constant=refuse, parse_int=str, parse_float=str,
                           object_pairs_hook=lambda pairs: pairs)
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # lone surrogates cannot be encoded
        return True
    except (ValueError, RecursionError):
        return False


def depth_of(text):
    depth = deepest = 0
    for part in re.findall(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', text, re.S):
        if part in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif part in "]}":
            depth -= 1
    return deepest


def read_json(text):
    """The answer's JSON; a member twice is an error."""
    def members(pairs):
        if len(dict(pairs)) != len(pairs):
            raise Unnamed(f"a member stands twice in {pairs}")
        return dict(pairs)
    if not is_json(text):
        raise Unnamed(f"the answer is no strict JSON: {text[:300]!r}")
    return json.loads(text, object_pairs_hook=members)


# Lines --------------------------------------------------------------------------------------------------------------

def is_request(value):
    return isinstance(value, dict) and {"method", "id"} <= value.keys()


def lines_due(data):
    """Of lines on stdio: how many answers there must be, how many there may be, and how many lines are no JSON."""
    must = may = broken = 0
    for line in data.split(b"\n"):
        line = line.removesuffix(b"\r")
        if not line:
            continue
        may += 1
        if not is_json(line):
            broken += 1
            must += 1
        else:
            value = json.loads(line)
            must += any(map(is_request, value)) if isinstance(value, list) else is_request(value)
    return must, may, broken


# Answers ------------------------------------------------------------------------------------------------------------

def check(condition, what, seen):
    if not condition:
        raise Unnamed(f"{what}: {str(seen)[:500]}")


def name_result(result):
    check(isinstance(result, dict), "a result is an object", result)
    if "content" in result:
        check(result["content"] and all(block.get("type") == "text" and isinstance(block.get("text"), str)
                                        for block in result["content"]), "content is text blocks", result)
        if "isError" in result:
            before = result.get("structuredContent", {"messages": []})  # the error, in a stream
            check(result["isError"] is True and before.keys() == {"messages"}, "isError is true or absent", result)
            return "isError"
        return "call"
    if "tools" in result:
        check(isinstance(result["tools"], list), "tools are a list", result)
        check(all({"name", "inputSchema"} <= tool.keys() for tool in result["tools"]), "tools are tools", result)
        return "tools"
    if "supportedVersions" in result:
        return "discover"
    if "serverInfo" in result:
        check(isinstance(result.get("protocolVersion"), str), "initialize names a version", result)
        return "initialize"
    check(result == {}, "a result of a known method", result)
    return "empty"


def name_message(status, message):
    """Of a response; a status of None is that of a transport without any."""
    check(isinstance(message, dict) and message.get("jsonrpc") == "2.0", "a JSON-RPC message", message)
    check("id" not in message or isinstance(message["id"], (str, int)), "an id is a string or an integer", message)
    if "result" in message:
        check(status in (200, None) and "id" in message and "error" not in message, "a result has 200 and an id", message)
        return f"{status or ''} result {name_result(message['result'])}".strip()
    error = message.get("error")
    check(isinstance(error, dict) and isinstance(error.get("message"), str) and error["message"],
          "an error has a message", message)
    code = error.get("code")
    named = (status, code) in ERRORS or status is None and code in LINE_ERRORS
    check(named, f"{status} with {code} is in no table", message)
    if code == -32700:
        check("id" not in message, "what is no JSON has no id", message)
    if code == -32022:
        check({"supported", "requested"} <= error["data"].keys(), "-32022 names versions", message)
    return f"{status or ''} {code}".strip()


class Progress:
    """The notifications of progress on the way to one answer."""

    def __init__(self):
        self.token, self.last = None, None

    def take(self, message):
        """Whether it is one; it must be more than the one before, and of the same call."""
        if not isinstance(message, dict) or "method" not in message:
            return False
        params = message.get("params", {})
        check(message.keys() == {"jsonrpc", "method", "params"} and message["jsonrpc"] == "2.0"
              and message["method"] == "notifications/progress"
              and params.keys() == {"progressToken", "progress", "message"} and isinstance(params["message"], str),
              "a notification of progress", message)
        check(self.last is None or params["progress"] > self.last and params["progressToken"] == self.token,
              "more progress than before", message)
        self.token, self.last = params["progressToken"], params["progress"]
        return True

    def check_asked(self, request):
        """What came was asked for by this request, which is JSON."""
        if self.last is not None:
            check(json.loads(request)["params"]["_meta"]["progressToken"] == self.token, "the token as asked", self.token)


def read_events(body):
    """The messages of an event stream."""
    texts, at = [], 0
    while at < len(body):
        event = re.compile(rb"event: message\ndata: ([^\r\n]*)\n\n|: keep-alive\n\n").match(body, at)
        check(event, "events", body[at:])
        if event[1] is not None:
            texts.append(event[1])
        at = event.end()
    check(texts, "an event at least", body)
    return [read_json(text) for text in texts]


def name_whole(status, message):
    """Of a response, or those of a batch."""
    if not isinstance(message, list):
        return name_message(status, message)
    check(status == 200 and message, "a batch has answers", message)
    for one in message:
        name_message(status, one)
    return "200 batch"


def name_answer(status_line, headers, body):
    """The row of the table this answer belongs to. A body of None was not sent, as HEAD wants it."""
    found = STATUS.fullmatch(status_line)
    check(found, "a status line", status_line)
    status = int(found[1])
    if body is None:
        return f"{status} to HEAD"
    kind = headers.get("content-type")
    if status in (202, 204):
        check(not body and kind is None, f"{status} has no body", (headers, body))
        return f"{status} empty"
    if kind in ("text/plain; charset=utf-8", "text/plain"):
        check(re.fullmatch(rb"[ -~]+\n", body), "one line of text", body)
        if status == 404:
            return "404 path"
        check(status in REFUSALS and headers.get("connection") == "close", f"{status} as text closes", (headers, body))
        return f"{status} text"
    check(status not in (405,) or "allow" in headers, "405 names the methods", headers)
    if kind == "text/event-stream":
        check(status == 200, "events have 200", status)
        *before, last = read_events(body)
        progress = Progress()
        check(all(progress.take(message) for message in before), "progress before the answer", before)
        return name_whole(status, last) + (" (events)" if before else " (event)")
    check(kind == "application/json", "a known content type", headers)
    return name_whole(status, read_json(body))
