"""Clients over stdio that come and go: each starts a bridge of its own, calls several tools at once, and leaves it in one
of the ways in which clients leave."""
import asyncio
import json
import signal

from checks import (Progress, Wrong, content_of, expect, expect_broken_or, expect_content, expect_echo, expect_error,
                    numbers)
from client import in_envelope, notification, request, with_token
from processes import reports_in

END_SECONDS = 30  # a few of them; a sanitizer's bridge on a busy machine takes more
READ_BYTES = 64 << 10


class StdioClient:
    """Comes and goes until it is told to stop."""

    def __init__(self, start, random, done):
        """`start` as of stdio_starter."""
        self.start, self.random, self.done = start, random, done
        self.reports = []

    async def run(self, stop, pause):
        while not stop.is_set():
            await asyncio.wait_for(self.live(), 120)
            await asyncio.sleep(self.random.random() * 20 * pause)

    async def live(self):
        process, log_path = await self.start(READ_BYTES)
        bridge = Session(process, self.random)
        leave = self.random.choice(["close", "vanish", "terminate"])
        try:
            await bridge.open()
            for _ in range(self.random.randrange(3)):
                await asyncio.gather(*(bridge.act(self.done) for _ in range(self.random.choice([1, 2, 8]))))
            await getattr(bridge, leave)()
            code = await asyncio.wait_for(process.wait(), END_SECONDS)
            expect(code == 0, "exit code of a bridge on stdio", code, leave)
        finally:
            bridge.forget()
            if process.returncode is None:
                process.kill()
                await process.wait()
            self.reports += reports_in(log_path.read_text(errors="replace"))
        if not self.reports:
            log_path.unlink()  # else it is shown in the end
        self.done[f"stdio_{leave}"] += 1


class Session:
    def __init__(self, process, random):
        self.process, self.random = process, random
        self.modern = random.random() < 0.5
        self.pause = random.choice([0, 0, 0.02])  # of a slow reader, after each read
        self.answers = {}  # by id: a future
        self.progress = {}  # by token
        self.reading = asyncio.create_task(self.read())

    async def open(self):
        if self.modern:
            expect("tools" in (await self.ask("tools/list"))["result"])
            return
        answer = await self.ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {},
                                               "clientInfo": {"name": "soak", "version": "1"}})
        expect(answer["result"]["protocolVersion"] == "2025-11-25", answer)
        await self.write(notification("notifications/initialized", {}))

    async def read(self):
        """Nothing but answers that are waited for and progress that was asked for may come."""
        text = b""
        while piece := await self.process.stdout.read(READ_BYTES):
            *lines, text = (text + piece).split(b"\n")
            for line in lines:
                message = json.loads(line)
                expect(message.get("jsonrpc") == "2.0", line[:500])
                if "id" in message:
                    expect(message["id"] in self.answers and not self.answers[message["id"]].done(), line[:500])
                    self.answers[message["id"]].set_result(message)
                else:
                    token = message.get("params", {}).get("progressToken")
                    expect(token in self.progress and self.progress[token].take(message), line[:500])
            await asyncio.sleep(self.pause)
        expect(not text, "the output ended in a line", text[:500])

    async def write(self, message):
        self.process.stdin.write(json.dumps(message).encode() + b"\n")
        await self.process.stdin.drain()

    async def send(self, method, params=None, token=None):
        """The id of the request; its answer will be self.answers[id]."""
        request_id = len(self.answers)
        self.answers[request_id] = asyncio.get_running_loop().create_future()
        if token is not None:
            self.progress[token] = Progress(token)
        params = in_envelope(params, token) if self.modern else with_token(params or {}, token)
        await self.write(request(request_id, method, params))
        return request_id

    async def wait(self, future):
        """As long as the output is as it must be."""
        await asyncio.wait([future, self.reading], return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            self.reading.result()
            expect(False, "the output ended without an answer")
        return future.result()

    async def ask(self, method, params=None, token=None):
        return await self.wait(self.answers[await self.send(method, params, token)])

    async def call(self, tool, arguments):
        token = self.new_id() if self.random.random() < 0.6 else None
        return await self.ask("tools/call", {"name": tool, "arguments": arguments}, token)

    def new_id(self):
        return f"{self.random.getrandbits(60):x}"

    async def act(self, done):
        names = [name for name in dir(self) if name.startswith("do_")]
        name = self.random.choice(names)
        try:
            await getattr(self, name)()
        except Exception as error:
            raise Wrong(f"stdio {name}: {error!r}") from error
        done[f"stdio_{name[3:]}"] += 1

    async def do_small_call(self):
        expect_echo(await self.call("Alpha_Say", {"text": "\u00fc"}), "\u00fc")

    async def do_big_answer(self):
        expect_echo(await self.call("Alpha_Big", {}), "x" * (1 << 20))

    async def do_restarted_upstream(self):
        expect_broken_or(await self.call("Beta_Say", {"text": "b"}), {"text": "b"})

    async def do_server_stream(self):
        answer = await self.call("Stream_Count", {"count": 50, "intervalMs": self.random.choice([0, 5])})
        expect_content(answer, {"messages": numbers(range(1, 51))})

    async def do_client_stream(self):
        answer = await self.call("Stream_Sum", {"messages": numbers(range(200))})
        expect_content(answer, {"sum": "19900", "count": 200})

    async def do_bidi_stream(self):
        answer = await self.call("Stream_Echo", {"messages": numbers(range(1, 200))})
        expect_content(answer, {"messages": numbers(range(1, 200))})

    async def do_failing_stream(self):
        answer = await self.call("Stream_Fail", {})
        expect_error(answer, "FAILED_PRECONDITION")
        expect(answer["result"]["structuredContent"] == {"messages": numbers([1, 2, 3])}, answer)

    async def do_cancel_stream(self):
        """It reaches the service, and nothing is answered."""
        stream_id, token = self.new_id(), self.new_id()
        call = await self.send("tools/call", {"name": "Stream_Forever", "arguments": {
            "id": stream_id, "intervalMs": 20}}, token)
        answer = self.answers[call]
        while not self.progress[token].seen and not answer.done():
            expect(not self.reading.done(), "the output ended")
            await asyncio.sleep(0.005)
        await self.write(notification("notifications/cancelled", {"requestId": call}))
        then = await self.call("Stream_AwaitCancelled", {"id": stream_id})
        expect(int(content_of(then)["unixMs"]) > 0, then)
        # A slow reader may see its first progress when the stream has been cut.
        expect(not answer.done() or (self.pause and "truncated" in content_of(answer.result())), answer)

    # How it leaves, with calls under way.

    async def begin_calls(self):
        """The ids of some that would go on for long."""
        return [await self.send("tools/call", {"name": name, "arguments": arguments}) for name, arguments in (
            ("Stream_Forever", {"id": self.new_id(), "intervalMs": 10}), ("Alpha_Hang", {}),
            ("Stream_Forever", {"id": self.new_id()}))][:self.random.randrange(4)]

    async def close(self):
        """As MCP says: the client closes the input, and still gets answers."""
        calls = await self.begin_calls()
        self.process.stdin.close()
        await self.reading
        for call in calls:
            if self.pause == 0:
                expect(self.answers[call].done(), "no answer at the end of the input", call)
                answer = self.answers[call].result()
                if "isError" in answer["result"]:
                    expect_error(answer, "CANCELLED")
                else:
                    expect("truncated" in content_of(answer), answer)

    async def vanish(self):
        await self.begin_calls()
        self.reading.cancel()
        self.process.stdin.close()
        self.process._transport.get_pipe_transport(1).close()

    async def terminate(self):
        await self.begin_calls()
        self.process.send_signal(signal.SIGTERM)
        await self.reading

    def forget(self):
        self.reading.cancel()
        self.process.stdin.close()
