"""The part of the load that streams: all kinds of RPC, told as they come or collected, left, cancelled and cut. Gamma
is a StreamService (tests/interop/upstreams) that is always well, Delta one that is restarted all the while; the
Stream_* tools without a name in front are those of an upstream with many large messages (tests/bench)."""
import asyncio
import json

from checks import (Progress, content_of, expect, expect_broken_or, expect_content, expect_error, numbers,
                    text_of)
from client import Connection, legacy, modern, request, with_token
from load import Client

BOTH, EVENTS, JSON = "application/json, text/event-stream", "text/event-stream", "application/json"
LIMIT = 1000  # messages that one call collects
FLOOD = {"name": "Stream_EchoTenThousand", "arguments": {"text": "z" * 1000}}


class StreamClient(Client):
    def new_id(self):
        return f"{self.random.getrandbits(60):x}"

    def new_token(self):
        return self.random.choice([self.new_id(), self.random.getrandbits(40)])

    async def stream(self, tool, arguments, connection=None):
        """The answer, and the progress that came before it: as the client asked, at random."""
        token = self.new_token() if self.random.random() < 0.6 else None
        accept = self.random.choice([BOTH, BOTH, EVENTS, JSON, None])
        connection = connection or self.mcp
        await connection.send("POST", "/mcp", *modern("tools/call", {"name": tool, "arguments": arguments},
                                                      token=token, accept=accept))
        progress = Progress(token if accept != JSON else None)
        answer = await self.receive(connection, progress)
        expect(answer is not None, "no answer", progress.seen)
        return answer, progress

    @staticmethod
    async def receive(connection, progress, at_first=None):
        """The answer, or None; awaits `at_first` when the first progress comes."""
        answer = None
        async for message in connection.receive_messages():
            expect(answer is None, "more after the answer", message)
            if not progress.take(message):
                answer = message
            elif len(progress.seen) == 1 and at_first is not None:
                await at_first()
        return answer

    async def expect_cancelled(self, stream_id):
        """The service was told that the stream is not wanted any more."""
        message, _ = await self.call("gamma_Stream_AwaitCancelled", {"id": stream_id})
        expect(int(content_of(message)["unixMs"]) > 0, message)

    # Each kind.

    async def do_server_stream(self):
        count = self.random.choice([0, 1, 5, 50])
        answer, progress = await self.stream("gamma_Stream_Count",
                                             {"count": count, "intervalMs": self.random.choice([0, 0, 2])})
        expect_content(answer, {"messages": numbers(range(1, count + 1))})
        expect(not progress.seen or progress.seen[-1] <= count, progress.seen)

    async def do_client_stream(self):
        values = [self.random.randrange(-1000, 1000) for _ in range(self.random.choice([0, 1, 30, 300]))]
        answer, _ = await self.stream("gamma_Stream_Sum", {"messages": numbers(values)})
        expect_content(answer, {"sum": str(sum(values)), "count": len(values)})

    async def do_bidi_stream(self):
        values = list(range(1, self.random.choice([1, 2, 30, 300])))
        answer, _ = await self.stream("gamma_Stream_Echo", {"messages": numbers(values)})
        expect_content(answer, {"messages": numbers(values)})

    async def do_failing_stream(self):
        answer, _ = await self.stream("gamma_Stream_Fail", {"subject": "s"})
        expect_error(answer, "FAILED_PRECONDITION")
        expect(answer["result"]["structuredContent"] == {"messages": numbers([1, 2, 3])}, answer)

    async def do_wrong_message(self):
        at = self.random.randrange(20)
        messages = numbers(range(20))
        messages[at]["value"] = "x"
        answer, _ = await self.stream("gamma_Stream_Sum", {"messages": messages})
        expect(f"messages[{at}].value" in text_of(answer), answer)

    async def do_long_stream(self):
        answer, _ = await self.stream("gamma_Stream_Count", {"count": LIMIT + self.random.randrange(1, 200)})
        content = content_of(answer)
        expect(content["messages"] == numbers(range(1, LIMIT + 1)) and f"{LIMIT} messages" in content["truncated"],
               len(content["messages"]), content.get("truncated"))

    async def do_flood(self):
        answer, _ = await self.stream(FLOOD["name"], FLOOD["arguments"])
        self.expect_flood(answer)

    @staticmethod
    def expect_flood(answer):
        content = content_of(answer)
        expect(set(message["text"] for message in content["messages"]) == {FLOOD["arguments"]["text"]}, answer)
        expect(500 < len(content["messages"]) <= LIMIT and "truncated" in content, len(content["messages"]))

    async def do_limited_stream(self):
        stream_id, count = self.new_id(), self.random.randrange(1, 20)
        answer, _ = await self.stream("gamma_Stream_Forever", {
            "id": stream_id, "intervalMs": self.random.choice([0, 1]), "stream_limit": {"messages": count}})
        expect_content(answer, {"messages": numbers(range(1, count + 1))})
        await self.expect_cancelled(stream_id)

    async def do_restarted_stream(self):
        method, arguments, content = self.random.choice([
            ("Count", {"count": 30, "intervalMs": 5}, {"messages": numbers(range(1, 31))}),
            ("Sum", {"messages": numbers(range(5))}, {"sum": "10", "count": 5}),
            ("Echo", {"messages": numbers(range(1, 9))}, {"messages": numbers(range(1, 9))}),
            ("Forever", {"id": self.new_id(), "stream_limit": {"messages": 3}}, {"messages": numbers([1, 2, 3])})])
        answer, _ = await self.stream(f"delta_Stream_{method}", arguments)
        expect_broken_or(answer, content)

    # Those that do not wait for the end.

    async def do_leave_stream(self):
        leaving, progress, stream_id = Connection(self.mcp_port), Progress(self.new_token()), self.new_id()
        try:
            await leaving.send("POST", "/mcp", *modern("tools/call", {
                "name": "gamma_Stream_Forever", "arguments": {"id": stream_id, "intervalMs": 1}}, token=progress.token))
            async for message in leaving.receive_messages():
                expect(progress.take(message), message)
                if len(progress.seen) == 3:
                    break
        finally:
            leaving.close()
        await self.expect_cancelled(stream_id)

    async def do_vanish_during_stream(self):
        leaving = Connection(self.mcp_port)
        tool = self.random.choice([
            {"name": "gamma_Stream_Forever", "arguments": {"id": self.new_id()}},
            {"name": "delta_Stream_Forever", "arguments": {"id": self.new_id(), "intervalMs": 1}},
            {"name": "gamma_Stream_Echo", "arguments": {"messages": numbers(range(1, 2000))}},
            {"name": "Stream_EchoAndHold", "arguments": {}}, FLOOD])
        await leaving.send("POST", "/mcp", *modern("tools/call", tool, token=self.random.choice([None, "t"])))
        await asyncio.sleep(self.random.random() * 0.05)
        leaving.close()

    async def do_session_cancel_stream(self):
        await self.open_session(self.random.choice(["2025-06-18", "2025-11-25"]))
        calling, progress = Connection(self.mcp_port), Progress(self.new_token())
        call_id, stream_id = self.new_id(), self.new_id()
        try:
            await calling.send("POST", "/mcp", *legacy(self.session, request(call_id, "tools/call", with_token({
                "name": "gamma_Stream_Forever", "arguments": {"id": stream_id, "intervalMs": 1}}, progress.token))))
            answer = await self.receive(calling, progress, lambda: self.notify("notifications/cancelled",
                                                                               {"requestId": call_id}))
        finally:
            calling.close()
        expect(answer is None, "an answer to what was taken back", answer)
        await self.expect_cancelled(stream_id)

    async def do_stream_batch(self):
        await self.open_session("2025-03-26")
        answers = await self.ask_batch([
            request(0, "tools/call", with_token({"name": "gamma_Stream_Count", "arguments": {"count": 3}}, "t")),
            request(1, "tools/call", {"name": "gamma_Stream_Sum", "arguments": {"messages": numbers([1, 2])}}),
            request(2, "tools/call", {"name": "gamma_Stream_Fail", "arguments": {}}),
            request(3, "tools/call", {"name": "Alpha_Slow", "arguments": {"text": "b"}})])
        expect_content(answers[0], {"messages": numbers([1, 2, 3])})
        expect_content(answers[1], {"sum": "3", "count": 2})
        expect_error(answers[2], "FAILED_PRECONDITION")
        expect_content(answers[3], {"text": "b"})


class PatientClient(StreamClient):
    """One that does what takes seconds; it vanishes from it when the load ends."""

    kind = "long_"

    async def long_late_call(self):
        expect_error((await self.call("Alpha_Hang", {}))[0], "DEADLINE_EXCEEDED")

    async def long_call_with_heartbeat(self):
        answer, progress = await self.stream("gamma_Stream_Slow", {"id": self.new_id(), "seconds": 6})
        expect_content(answer, {"seconds": 6})
        expect(progress.seen in ([], [5], [5, 6]), progress.seen)

    async def long_silent_stream(self):
        answer, _ = await self.stream("gamma_Stream_Forever", {"id": self.new_id(), "intervalMs": 60_000})
        expect("sent nothing for" in content_of(answer)["truncated"], answer)

    async def long_endless_stream(self):
        stream_id = self.new_id()
        answer, _ = await self.stream("gamma_Stream_Forever", {"id": stream_id, "intervalMs": 50})
        content = content_of(answer)
        count = len(content["messages"])
        expect(content["messages"] == numbers(range(1, count + 1)) and "the longest" in content["truncated"], answer)
        await self.expect_cancelled(stream_id)

    async def long_slow_reader(self):
        slow = Connection(self.mcp_port, window=16 << 10)
        try:
            answer, _ = await self.stream(FLOOD["name"], FLOOD["arguments"], slow)
        finally:
            slow.close()
        self.expect_flood(answer)

    async def long_no_reader(self):
        """Who reads nothing of a large answer is cut off."""
        self.mcp.close()  # an idle connection is
        deaf = Connection(self.mcp_port, window=4 << 10)
        try:
            await deaf.send("POST", "/mcp", *modern("tools/call", FLOOD, accept=JSON))
            await asyncio.sleep(40)
            try:
                await deaf.receive()
                raise AssertionError("it was not cut off")
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
        finally:
            deaf.close()
