"""A client of the bridge on asyncio sockets: as plain as HTTP/1.1 allows, so that it can also misbehave."""
import asyncio
import json

MODERN = "2026-07-28"


class Connection:
    """One connection, opened when first used and after each end."""

    def __init__(self, port):
        self.port = port
        self.reader = self.writer = None

    async def send(self, method, path, headers=(), body=b""):
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 20)
        head = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
        if body:
            head.append(f"Content-Length: {len(body)}")
        self.writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        await self.writer.drain()

    async def receive(self):
        """(status, headers, body)"""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection") == "close":
            self.close()
        return int(head[0].split()[1]), headers, body

    async def ask(self, method, path, headers=(), body=b""):
        await self.send(method, path, headers, body)
        return await self.receive()

    def close(self):
        if self.writer is not None:
            self.writer.transport.abort()
        self.reader = self.writer = None


def modern(method, params=None, trace=None):
    """Headers and body of a request of the modern era."""
    params = dict(params or {})
    params["_meta"] = {"io.modelcontextprotocol/protocolVersion": MODERN,
                       "io.modelcontextprotocol/clientCapabilities": {}}
    headers = ["Content-Type: application/json", f"MCP-Protocol-Version: {MODERN}", f"Mcp-Method: {method}"]
    if method == "tools/call":
        headers.append(f"Mcp-Name: {params['name']}")
    if trace:
        headers.append(f"traceparent: 00-{trace}-00f067aa0ba902b7-01")
    return headers, json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).encode()


def legacy(session, message):
    """Headers and body of a request, or a batch, of a session."""
    headers = ["Content-Type: application/json", "Accept: application/json, text/event-stream"]
    if session:
        headers.append(f"Mcp-Session-Id: {session}")
    return headers, json.dumps(message).encode()


def request(request_id, method, params=None):
    return {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params or {}}
