"""The mixed load: what clients do, each with what the bridge must answer. Alpha is an upstream that is always
well; Beta is restarted all the while, with other methods each time."""
import asyncio
import json
import re

from checks import Wrong, expect, expect_broken_or, expect_echo, expect_error, text_of
from client import Connection, legacy, modern, notification, request

# One span of one resource, as another service would send it (OTLP, ExportTraceServiceRequest).
SPAN = b"\x0a\x10" + bytes(range(16)) + b"\x12\x08" + bytes(range(8)) + b"\x2a\x04soak"
INTAKE = b"\x0a" + bytes([4 + len(SPAN)]) + b"\x12" + bytes([2 + len(SPAN)]) + b"\x12" + bytes([len(SPAN)]) + SPAN

# How often, where it is not as often as any other.
WEIGHTS = {"small_call": 8, "big_answer": 0.5, "flood": 0.3}
SAMPLE = re.compile(r'(\w+(?:\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\})?) (\S+)')


def read_metrics(text):
    """{series: value}"""
    return {match[1]: float(match[2]) for line in text.splitlines() if (match := SAMPLE.match(line))}


class Client:
    """One client that does one thing after the other, chosen by its own random numbers: its methods do_*."""

    kind = "do_"

    def __init__(self, mcp_port, admin_port, random, done):
        self.mcp = Connection(mcp_port)
        self.admin = Connection(admin_port)
        self.mcp_port = mcp_port
        self.random = random
        self.done = done
        self.session = self.revision = None
        self.counters = {}
        names = [name.removeprefix(self.kind) for name in dir(self) if name.startswith(self.kind)]
        self.next_action = lambda: random.choices(names, [WEIGHTS.get(name, 1) for name in names])[0]

    async def run(self, stop, pause):
        try:
            while not stop.is_set():
                action = self.next_action()
                try:
                    await asyncio.wait_for(getattr(self, self.kind + action)(), 60)
                except Exception as error:
                    raise Wrong(f"{action}: {error!r}") from error
                self.done[action] += 1
                await asyncio.sleep(self.random.random() * 2 * pause)
        finally:
            self.mcp.close()
            self.admin.close()

    async def call(self, tool, arguments):
        trace = f"{self.random.getrandbits(128):032x}" if self.random.random() < 0.5 else None
        status, _, body = await self.mcp.ask("POST", "/mcp", *modern("tools/call", {"name": tool, "arguments": arguments},
                                                                    trace))
        expect(status == 200, status, body)
        return json.loads(body), trace

    # Calls of the modern era.

    async def do_small_call(self):
        text = f"{self.random.random()} \u00fc \U0001f600"
        expect_echo((await self.call("Alpha_Say", {"text": text}))[0], text)

    async def do_big_argument(self):
        text = "y" * self.random.randrange(300_000)
        expect_echo((await self.call("Alpha_Say", {"text": text}))[0], text)

    async def do_big_answer(self):
        expect_echo((await self.call("Alpha_Big", {}))[0], "x" * (1 << 20))

    async def do_slow_call(self):
        expect_echo((await self.call("Alpha_Slow", {"text": "s"}))[0], "s")

    async def do_failing_call(self):
        expect_error((await self.call("Alpha_Fail", {}))[0], "FAILED_PRECONDITION")

    async def do_unknown_argument(self):
        message, _ = await self.call("Alpha_Say", {"txet": 1})
        expect("text" in text_of(message), message)

    async def do_unknown_tool(self):
        message, _ = await self.call("Nobody_Knows", {})
        expect(message["error"]["code"] == -32602, message)

    async def do_restarted_upstream(self):
        message, _ = await self.call(self.random.choice(["Beta_Say", "Beta_Other"]), {"text": "b"})
        expect_broken_or(message, {"text": "b"})

    async def do_list(self):
        status, _, body = await self.mcp.ask("POST", "/mcp", *modern("tools/list"))
        names = [tool["name"] for tool in json.loads(body)["result"]["tools"]]
        expect(status == 200 and "Alpha_Say" in names, status, names)

    # Clients that make mistakes, or vanish.

    async def do_no_json(self):
        headers, _ = modern("tools/list")
        status, _, body = await self.mcp.ask("POST", "/mcp", headers, b'{"jsonrpc":')
        expect(status == 400 and json.loads(body)["error"]["code"] == -32700, status, body)

    async def do_no_http(self):
        bad = Connection(self.mcp_port)
        status, _, _ = await bad.ask("POST", "/mcp", ["Content-Length: 1", "Content-Length: 2"])
        expect(status == 400, status)
        bad.close()

    async def do_vanish_during_call(self):
        leaving = Connection(self.mcp_port)
        tool = self.random.choice(["Alpha_Hang", "Alpha_Slow", "Alpha_Big"])
        await leaving.send("POST", "/mcp", *modern("tools/call", {"name": tool, "arguments": {}}))
        await asyncio.sleep(self.random.random() * 0.02)
        leaving.close()

    async def do_vanish_during_request(self):
        leaving = Connection(self.mcp_port)
        headers, body = modern("tools/call", {"name": "Alpha_Say", "arguments": {"text": "never sent whole"}})
        await leaving.send("POST", "/mcp", [*headers, f"Content-Length: {len(body) + 10}"])
        leaving.writer.write(body[:40])
        await leaving.writer.drain()
        leaving.close()

    # The legacy era.

    async def open_session(self, revision):
        if self.session and self.revision == revision:
            return
        params = {"protocolVersion": revision, "capabilities": {}, "clientInfo": {"name": "soak", "version": "1"}}
        status, headers, body = await self.mcp.ask("POST", "/mcp", *legacy(None, request(0, "initialize", params)))
        expect(status == 200, status, body)
        self.session, self.revision = headers["mcp-session-id"], revision
        await self.notify("notifications/initialized", {})

    async def notify(self, method, params):
        status, _, body = await self.mcp.ask("POST", "/mcp", *legacy(self.session, notification(method, params)))
        expect(status == 202, status, body)

    async def do_session_call(self):
        await self.open_session("2025-11-25")
        status, _, body = await self.mcp.ask("POST", "/mcp", *legacy(self.session, request(
            7, "tools/call", {"name": "Alpha_Say", "arguments": {"text": "l"}})))
        expect_echo(json.loads(body), "l")

    async def do_session_end(self):
        await self.open_session("2025-06-18")
        status, _, body = await self.mcp.ask("DELETE", "/mcp", [f"Mcp-Session-Id: {self.session}"])
        # In a run of hours one address has ended more than are remembered.
        expect(status == 204 or (status == 405 and b"Session not ended" in body), status, body)
        self.session = None

    async def do_session_cancel(self):
        await self.open_session("2025-11-25")
        calling = Connection(self.mcp_port)
        call_id = f"c{self.random.getrandbits(60)}"
        await calling.send("POST", "/mcp", *legacy(self.session, request(call_id, "tools/call", {"name": "Alpha_Hang"})))
        await asyncio.sleep(0.01)
        await self.notify("notifications/cancelled", {"requestId": call_id})
        _, _, body = await calling.receive()
        expect_error(json.loads(body), "CANCELLED", "DEADLINE_EXCEEDED")  # late: the notice overtook the call
        calling.close()

    async def do_batch(self):
        await self.open_session("2025-03-26")
        tools = ["Alpha_Say", "Alpha_Slow", "Alpha_Fail", "Nobody_Knows"]
        calls = [request(i, "tools/call", {"name": self.random.choice(tools), "arguments": {"text": str(i)}})
                 for i in range(8)]
        await self.ask_batch([*calls, request(8, "tools/list")])

    async def ask_batch(self, requests):
        """The answers by their ids, which must be those of the requests."""
        status, _, body = await self.mcp.ask("POST", "/mcp", *legacy(self.session, requests))
        answers = {message["id"]: message for message in json.loads(body)}
        expect(status == 200 and sorted(answers) == sorted(each["id"] for each in requests), status, body)
        return answers

    # The admin address.

    async def scrape(self):
        accept = self.random.choice(["text/plain", "application/openmetrics-text"])
        status, headers, body = await self.admin.ask("GET", "/metrics", [f"Accept: {accept}"])
        expect(status == 200 and headers["content-type"].startswith(accept), status, headers)
        return read_metrics(body.decode())

    async def do_scrape(self):
        counters = {name: value for name, value in (await self.scrape()).items()
                    if re.search(r"_(total|count|bucket)\b", name)}
        expect("mcp_bridge_sessions_started_total" in counters, list(counters)[:10])
        for name, before in self.counters.items():
            expect(counters.get(name, -1) >= before, name, before, counters.get(name))
        self.counters = counters

    async def do_probe(self):
        path = self.random.choice(["/readyz", "/livez"])
        status, _, body = await self.admin.ask("GET", path)
        expect(status == 200, path, status, body)

    async def do_traces(self):
        accept = self.random.choice(["text/html", "application/json"])
        status, _, body = await self.admin.ask("GET", "/debug/traces", [f"Accept: {accept}"])
        expect(status == 200 and body, status)

    async def do_trace(self):
        message, trace = await self.call("Alpha_Say", {"text": "t"})
        expect_echo(message, "t")
        if trace:
            status, _, _ = await self.admin.ask("GET", f"/debug/traces/{trace}", ["Accept: text/html"])
            expect(status in (200, 404), status)  # not there yet, or no more

    async def do_trace_intake(self):
        status, _, body = await self.admin.ask("POST", "/v1/traces", ["Content-Type: application/x-protobuf"], INTAKE)
        expect(status == 200, status, body)
