"""A client of the bridge on asyncio sockets: as plain as HTTP/1.1 allows, so that it can also misbehave."""
import asyncio
import json
import re
import socket

MODERN = "2026-07-28"
EVENT = re.compile(rb"event: message\ndata: ([^\r\n]*)\n\n")
COMMENT = re.compile(rb": [^\r\n]*\n\n")


class Connection:
    """One connection, opened when first used and after each end. `window` bounds what the kernel takes for it, so that
    who does not read is soon noticed."""

    def __init__(self, port, window=None):
        self.port, self.window = port, window
        self.reader = self.writer = None

    async def open(self):
        if self.window is None:
            streams = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        else:
            plain = socket.socket()
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.window)
            plain.setblocking(False)
            await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", self.port))
            streams = await asyncio.open_connection(sock=plain, limit=self.window)
        self.reader, self.writer = streams

    async def send(self, method, path, headers=(), body=b""):
        if self.writer is None:
            await self.open()
        head = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
        if body:
            head.append(f"Content-Length: {len(body)}")
        self.writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        await self.writer.drain()

    async def receive_head(self):
        """(status, headers)"""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        return int(head[0].split()[1]), {name.lower(): value for name, _, value in
                                         (line.partition(": ") for line in head[1:] if line)}

    async def receive_body(self, headers):
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        self.end_of_answer(headers)
        return body

    async def receive(self):
        """(status, headers, body)"""
        status, headers = await self.receive_head()
        return status, headers, await self.receive_body(headers)

    async def receive_messages(self):
        """The JSON-RPC messages of an answer as they come: of an event stream, or the one of a plain answer."""
        status, headers = await self.receive_head()
        if status != 200:
            raise ConnectionError(f"{status}: {await self.receive_body(headers)!r}")
        if headers["content-type"] != "text/event-stream":
            yield json.loads(await self.receive_body(headers))
            return
        text = b"" if "transfer-encoding" in headers else await self.receive_body(headers)
        more = "transfer-encoding" in headers
        while True:
            while event := EVENT.match(text) or COMMENT.match(text):
                text = text[event.end():]
                if event.re is EVENT:
                    yield json.loads(event[1])
            if not more:
                break
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            chunk = await self.reader.readexactly(size + 2)
            text, more = text + chunk[:-2], size > 0
        if text:
            raise ConnectionError(f"no event: {text[:200]!r}")
        self.end_of_answer(headers)

    def end_of_answer(self, headers):
        if headers.get("connection") == "close":
            self.close()

    async def ask(self, method, path, headers=(), body=b""):
        await self.send(method, path, headers, body)
        return await self.receive()

    def close(self):
        if self.writer is not None:
            self.writer.transport.abort()
        self.reader = self.writer = None


def modern(method, params=None, trace=None, token=None, accept="application/json, text/event-stream"):
    """Headers and body of a request of the modern era."""
    headers = ["Content-Type: application/json", f"MCP-Protocol-Version: {MODERN}", f"Mcp-Method: {method}"]
    if accept:
        headers.append(f"Accept: {accept}")
    if method == "tools/call":
        headers.append(f"Mcp-Name: {params['name']}")
    if trace:
        headers.append(f"traceparent: 00-{trace}-00f067aa0ba902b7-01")
    return headers, json.dumps(request(1, method, in_envelope(params, token))).encode()


def in_envelope(params=None, token=None):
    """The params of a modern request: all that it needs, whatever carries it."""
    meta = {"io.modelcontextprotocol/protocolVersion": MODERN, "io.modelcontextprotocol/clientCapabilities": {}}
    return with_token({**(params or {}), "_meta": meta}, token)


def with_token(params, token):
    if token is None:
        return params
    return {**params, "_meta": {**params.get("_meta", {}), "progressToken": token}}


def legacy(session, message):
    """Headers and body of a request, or a batch, of a session."""
    headers = ["Content-Type: application/json", "Accept: application/json, text/event-stream"]
    if session:
        headers.append(f"Mcp-Session-Id: {session}")
    return headers, json.dumps(message).encode()


def request(request_id, method, params=None):
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params or {}}


def notification(method, params):
    return {"jsonrpc": "2.0", "method": method, "params": params}
