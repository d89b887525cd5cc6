"""Resident memory and the time to the ready line, each of a bridge just started."""
import socket
import statistics
import time

from programs import Request, check_echo, content_length, resident_bytes

ECHO_METHODS = 3
CONNECTIONS = 1000
SMALL = Request("tools/call", "Echo_EchoSmall", "small")


def of_tools(programs, tools):
    """Bytes when it is ready, and after its first list and call."""
    upstream = programs.upstream(tools - ECHO_METHODS)
    bridge = programs.bridge(f"{tools}-tools", upstream)
    ready = resident_bytes(bridge.pid)
    check_echo(bridge, Request("tools/list"))
    check_echo(bridge, SMALL)
    used = resident_bytes(bridge.pid)
    programs.stop(bridge)
    programs.stop(upstream)
    return {"ready_bytes": ready, "used_bytes": used}


def _open_and_call(port, text):
    """A connection that has made one call and stays open."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(text)
    seen = b""
    while b"\r\n\r\n" not in seen:
        seen += connection.recv(65536)
    head, body = seen.split(b"\r\n\r\n", 1)
    while len(body) < content_length(head):
        body += connection.recv(65536)
    if not head.startswith(b"HTTP/1.1 200") or b'"isError"' in body:
        raise RuntimeError(f"a call failed: {seen[:300]!r}")
    return connection


def of_idle_connection(programs):
    """User-space bytes of one connection that is kept open after a call, from 1,000 of them."""
    upstream = programs.upstream()
    bridge = programs.bridge("idle", upstream)
    text = SMALL.text(bridge.port)
    # What the process takes once, whatever the number of connections.
    for warm in [_open_and_call(bridge.port, text) for _ in range(20)]:
        warm.close()
    before = resident_bytes(bridge.pid)
    connections = [_open_and_call(bridge.port, text) for _ in range(CONNECTIONS)]
    after = resident_bytes(bridge.pid)
    for connection in connections:
        connection.close()
    programs.stop(bridge)
    programs.stop(upstream)
    return (after - before) / CONNECTIONS


def start_seconds(programs, methods, starts):
    upstream = programs.upstream(methods - ECHO_METHODS)
    seen = []
    for _ in range(starts):
        began = time.monotonic()
        bridge = programs.bridge("start", upstream)
        seen.append(time.monotonic() - began)
        programs.stop(bridge)
    programs.stop(upstream)
    return statistics.median(seen)


def measure(programs, starts):
    return {
        "tools_10": of_tools(programs, 10),
        "tools_1000": of_tools(programs, 1000),
        "idle_connection_bytes": of_idle_connection(programs),
        "ready_10_methods_seconds": start_seconds(programs, 10, starts),
        "ready_500_methods_seconds": start_seconds(programs, 500, starts),
    }
