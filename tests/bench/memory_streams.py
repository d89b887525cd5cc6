"""What streams to slow clients, and many at once, take of the bridge's memory, and that they hold back or end the
upstream's streams."""
import contextlib
import json
import os
import socket
import time

from programs import Request, resident_bytes

STREAMS = 1000
SLOW_SECONDS, SLOW_BYTES_PER_SECOND = 20, 10_000
NEVER_SECONDS = 60  # no client may keep its stream longer without reading
TEN_THOUSAND = Request("tools/call", "Stream_EchoTenThousand", "text", messages=10_000, progress=True)
HOLD = Request("tools/call", "Stream_EchoAndHold", "small", progress=True)
COUNTS = Request("tools/call", "Stream_GetCounts", "empty")
# Nothing but the client is in the way of the stream.
UNLIMITED = ["--stream-messages", "10000", "--stream-bytes", str(16 << 20)]


def counts(bridge):
    """What the upstream has sent, and how many streams it has open."""
    result = json.loads(bridge.ask(COUNTS))["result"]["structuredContent"]
    return {key: int(value) for key, value in result.items()}


def open_stream(bridge, request, receive_buffer=None):
    connection = socket.socket()
    if receive_buffer:  # before it connects, as it limits the window that is offered
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", bridge.port))
    connection.sendall(request.text(bridge.port))
    return connection


def wait_for_progress(connection):
    seen = b""
    while b"notifications/progress" not in seen:
        piece = connection.recv(65536)
        if not piece:
            raise RuntimeError(f"no progress, but {seen[:500]!r}")
        seen += piece


def wait_until(what, holds, seconds):
    began = time.monotonic()
    while not holds():
        if time.monotonic() - began > seconds:
            raise RuntimeError(f"{what}: not within {seconds} s")
        time.sleep(0.05)
    return time.monotonic() - began


@contextlib.contextmanager
def running(programs, name, options=()):
    upstream = programs.upstream(streams=True)
    bridge = programs.bridge(name, upstream, options)
    with open_stream(bridge, HOLD) as connection:  # from here on it has all connections to the upstream
        wait_for_progress(connection)
    wait_until("the first stream ends", lambda: counts(bridge)["open"] == 0, 10)
    yield bridge
    wait_until("the upstream's streams end with their clients", lambda: counts(bridge)["open"] == 0, 10)
    programs.stop(bridge)
    programs.stop(upstream)


def of_slow_reader(programs):
    """The most that is resident beyond the beginning, and how many of its 10,000 messages the upstream has sent.

    With the limits as by default, since what is collected is what the operator allows."""
    with running(programs, "slow-reader") as bridge:
        before = most = resident_bytes(bridge.pid)
        with open_stream(bridge, TEN_THOUSAND, receive_buffer=4096) as connection:
            end = time.monotonic() + SLOW_SECONDS
            while time.monotonic() < end:
                if not connection.recv(SLOW_BYTES_PER_SECOND // 10):
                    raise RuntimeError("the stream to the slow reader ended")
                most = max(most, resident_bytes(bridge.pid))
                time.sleep(0.1)
            sent = counts(bridge)["sent"]
        return {"slow_reader_bytes": most - before, "slow_reader_sent": sent}


def of_streams(programs):
    """Bytes of one of 1,000 streams at once, each with its connection, after its first message."""
    with running(programs, "streams") as bridge:
        for _ in range(20):  # what the process takes once, whatever the number of streams
            with open_stream(bridge, HOLD) as connection:
                wait_for_progress(connection)
        wait_until("the first streams end", lambda: counts(bridge)["open"] == 0, 10)
        before = resident_bytes(bridge.pid)
        with contextlib.ExitStack() as connections:
            for stream in [connections.enter_context(open_stream(bridge, HOLD)) for _ in range(STREAMS)]:
                wait_for_progress(stream)
            after = resident_bytes(bridge.pid)
        return {"stream_bytes": (after - before) / STREAMS}


def of_client_that_never_reads(programs):
    """Seconds until its connection is closed; then its stream at the upstream is over too."""
    with running(programs, "never-reads", UNLIMITED) as bridge:
        descriptors = f"/proc/{bridge.pid}/fd"
        time.sleep(0.5)  # what asked is closed
        before = len(os.listdir(descriptors))
        with open_stream(bridge, TEN_THOUSAND, receive_buffer=4096):
            wait_until("the connection is there", lambda: len(os.listdir(descriptors)) > before, 10)
            seconds = wait_until("a client that never reads is ended",
                                 lambda: len(os.listdir(descriptors)) <= before, NEVER_SECONDS)
            wait_until("its stream at the upstream is ended", lambda: counts(bridge)["open"] == 0, 1)
        return {"never_reads_seconds": seconds}


def measure(programs):
    return {**of_slow_reader(programs), **of_streams(programs), **of_client_that_never_reads(programs)}
