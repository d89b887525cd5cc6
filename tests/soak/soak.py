#!/usr/bin/env python3
"""Mixed load against the real bridge for a while, unary calls and streams, over HTTP and stdio: every answer as it must be,
no sanitizer report, nothing that grows, nothing left under way. scripts/soak builds what it takes; see there.

  soak.py BRIDGE UPSTREAM_FOLDER --seconds N --sanitizer none|asan|tsan
"""
import argparse
import asyncio
import collections
import json
import pathlib
import random
import sys
import tempfile
import time

from checks import content_of
from load import Client
from processes import Bridge, Collector, Upstreams, environment, fifth, stdio_starter
from stdio_load import StdioClient
from stream_load import PatientClient, StreamClient

CLIENTS = {StreamClient: 12, PatientClient: 6}
STDIO_CLIENTS = 2
# What the resident set may grow between the second and the last fifth: the allocator's own noise. A sanitizer's
# allocator keeps much for each of gRPC's threads, which come late; leaks it reports itself at the end.
GROWTH_KB = {"none": 4 << 10, "asan": 48 << 10, "tsan": 48 << 10}
GROWTH_SHARE = 0.05
WARM_SECONDS = 300
# What may be open at one time and not at another: connections to Beta, Delta and the collector; gRPC's pools of threads.
SLACK = {"descriptors": 8, "threads": 0, "all_threads": 8}
LOG_BYTES_A_SECOND = 4000
# What /metrics counts as under way.
UNDER_WAY = ("mcp_bridge_open_streams", "mcp_bridge_event_streams", "mcp_bridge_upstream_calls",
             "mcp_bridge_open_connections", "http_server_active_requests")
MAX_SERIES = 3000  # docs/metrics.md


async def sample(bridge, samples, stop):
    while not stop.is_set():
        samples.append(bridge.measure())
        await asyncio.sleep(0.5)


async def settle(bridge, seconds):
    """What an idle bridge holds: the least of some seconds, as connections take a moment to end."""
    measured = []
    for _ in range(int(seconds / 0.5)):
        measured.append(bridge.measure())
        await asyncio.sleep(0.5)
    return {key: min(sample[key] for sample in measured) for key in measured[0]}


async def run_load(bridge, start_stdio, upstreams, seconds, pause, samples):
    """Runs the load; (counts, what went wrong first)."""
    stop = asyncio.Event()
    done = collections.Counter()
    seeds = map(random.Random, range(1000))
    clients = {kind: [kind(bridge.mcp_port, bridge.admin_port, next(seeds), done) for _ in range(count)]
               for kind, count in CLIENTS.items()}
    stdio_clients = [StdioClient(start_stdio, next(seeds), done) for _ in range(STDIO_CLIENTS)]
    tasks = {name: [asyncio.create_task(client.run(stop, pause)) for client in some] for name, some in
             (("busy", clients[StreamClient] + stdio_clients), ("patient", clients[PatientClient]))}
    others = [asyncio.create_task(upstreams.disturb(name, stop)) for name in ("beta", "delta")]
    others.append(asyncio.create_task(sample(bridge, samples, stop)))
    everything = [*tasks["busy"], *tasks["patient"], *others]
    await asyncio.wait(everything, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    stop.set()
    for task in tasks["patient"]:
        task.cancel()
    results = await asyncio.gather(*everything, return_exceptions=True)
    wrong = [f"wrong answer: {result!r}" for result in results if isinstance(result, Exception)]
    return done, wrong + [f"report: {report}" for client in stdio_clients for report in client.reports]


async def look_at_idle(bridge):
    """What is still under way by the bridge's own count and by that of an upstream; and the number of series."""
    client = Client(bridge.mcp_port, bridge.admin_port, random.Random(0), collections.Counter())
    metrics = await client.scrape()
    left = {name: value for name, value in metrics.items() if name.startswith(UNDER_WAY) and value != 0}
    for name in UNDER_WAY:
        if not any(each.startswith(name) for each in metrics):
            left[name] = "not in /metrics"
    message, _ = await client.call("Stream_GetCounts", {})
    if content_of(message)["open"] != "0":
        left["streams of the upstream"] = content_of(message)["open"]
    client.mcp.close()
    client.admin.close()
    return left, len(metrics)


def judge(arguments, samples, before, after, idle, ended, wrong):
    """All that must not be, as text."""
    code, reports, log_bytes = ended
    rss = [sample["rss_kb"] for sample in samples]
    grown = fifth(rss, 5) - fifth(rss, 2)
    bound = max(GROWTH_KB[arguments.sanitizer], GROWTH_SHARE * fifth(rss, 2))
    if arguments.seconds < WARM_SECONDS:
        bound *= 4  # the second fifth is still warming up
    problems = wrong + [f"report: {report}" for report in reports]
    if grown > bound:
        problems.append(f"the resident set grew by {grown} kB, more than {bound:.0f}")
    for what, more in SLACK.items():
        if after[what] > before[what] + more:
            problems.append(f"{what}: {before[what]} before, {after[what]} after")
    left, series = idle
    if left:
        problems.append(f"still under way: {left}")
    if series > MAX_SERIES:
        problems.append(f"{series} series of metrics")
    if code != 0:
        problems.append(f"exit code {code}")
    if log_bytes > LOG_BYTES_A_SECOND * arguments.seconds + 100_000:
        problems.append(f"{log_bytes} bytes of log")
    return problems


async def soak(arguments, folder):
    collector = Collector()
    await collector.start()
    upstreams = Upstreams(arguments.upstreams)
    env = environment(arguments.sanitizer, collector.port)
    bridge = Bridge(arguments.bridge, folder / "bridge.log", upstreams.targets(), env)
    start_stdio = stdio_starter(arguments.bridge, upstreams.targets("alpha", "beta", "gamma"), folder, env)
    try:
        rest = min(5, arguments.seconds / 5)
        _, early = await run_load(bridge, start_stdio, upstreams, rest, arguments.pause, [])
        before = await settle(bridge, rest)
        samples = []
        start = time.monotonic()
        done, wrong = await run_load(bridge, start_stdio, upstreams, arguments.seconds, arguments.pause, samples)
        took = time.monotonic() - start
        after = await settle(bridge, rest)
        idle = await look_at_idle(bridge)
        ended = bridge.end()
    finally:
        bridge.process.kill()
        upstreams.end()
        collector.server.close()
    rss = [sample["rss_kb"] for sample in samples]
    figures = {"seconds": round(took), "sanitizer": arguments.sanitizer, "actions": sum(done.values()),
               "batches_of_spans": collector.batches,
               "rss_kb_fifths": [fifth(rss, which) for which in range(1, 6)], "before": before, "after": after,
               "under_way": idle[0], "series": idle[1], "reports": len(ended[1]), "log_bytes": ended[2], "each": dict(sorted(done.items()))}
    print(json.dumps(figures, indent=1))
    return judge(arguments, samples, before, after, idle, ended, early + wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bridge", type=pathlib.Path)
    parser.add_argument("upstreams", type=pathlib.Path, help="folder of fault_upstream, streams_server, echo_upstream")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--sanitizer", choices=["none", "asan", "tsan"], default="none")
    parser.add_argument("--pause", type=float, default=0.02, help="mean pause of a client between two actions, s")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        problems = asyncio.run(soak(arguments, pathlib.Path(folder)))
        for problem in problems:
            print(problem, file=sys.stderr)
        if problems:
            for log in pathlib.Path(folder).glob("*.log"):
                print(f"the last lines of {log.name}:\n" + log.read_text(errors="replace")[-6000:], file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
