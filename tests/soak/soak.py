#!/usr/bin/env python3
"""Mixed load against the real bridge for a while: every answer as it must be, no sanitizer report, nothing that
grows. scripts/soak builds what it takes; see there.

  soak.py BRIDGE UPSTREAM --seconds N --sanitizer none|asan|tsan
"""
import argparse
import asyncio
import collections
import json
import pathlib
import random
import signal
import sys
import tempfile
import time

import load
from processes import Bridge, Collector, Upstream, fifth

CLIENTS = 12
# What the resident set may grow between the second and the last fifth: the allocator's own noise. A sanitizer's
# allocator keeps much for each of gRPC's threads, which come late; leaks it reports itself at the end.
GROWTH_KB = {"none": 4 << 10, "asan": 48 << 10, "tsan": 48 << 10}
GROWTH_SHARE = 0.05
WARM_SECONDS = 300
# What may be open at one time and not at another: connections to Beta and to the collector; gRPC's pools of threads.
SLACK = {"descriptors": 4, "threads": 0, "all_threads": 8}
LOG_BYTES_A_SECOND = 4000


async def disturb(upstreams, program, stop):
    """Ends and restarts Beta, with other methods each time; stops and continues it."""
    turn = 0
    while not stop.is_set():
        turn += 1
        beta = upstreams["Beta"]
        beta.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(1.5)
        beta.process.send_signal(signal.SIGCONT)
        await asyncio.sleep(2)
        beta.end(signal.SIGKILL if turn % 2 else signal.SIGTERM)
        await asyncio.sleep(1)
        methods = ["Say", "Other"] if turn % 2 else ["Say"]
        upstreams["Beta"] = Upstream(program, "Beta", methods, beta.port)
        await asyncio.sleep(2)


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


async def run_load(bridge, upstreams, program, seconds, pause, samples):
    """Runs the load; (counts, first thing that went wrong)."""
    stop = asyncio.Event()
    done = collections.Counter()
    clients = [load.Client(bridge.mcp_port, bridge.admin_port, random.Random(seed), done) for seed in range(CLIENTS)]
    tasks = [asyncio.create_task(client.run(stop, pause)) for client in clients]
    tasks += [asyncio.create_task(disturb(upstreams, program, stop)), asyncio.create_task(sample(bridge, samples, stop))]
    finished, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    stop.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    wrong = [repr(result) for result in results if isinstance(result, Exception)]
    return done, wrong


def judge(arguments, samples, before, after, ended, wrong):
    """All that must not be, as text."""
    code, reports, log_bytes = ended
    rss = [sample["rss_kb"] for sample in samples]
    grown = fifth(rss, 5) - fifth(rss, 2)
    bound = max(GROWTH_KB[arguments.sanitizer], GROWTH_SHARE * fifth(rss, 2))
    if arguments.seconds < WARM_SECONDS:
        bound *= 4  # the second fifth is still warming up
    problems = [f"wrong answer: {text}" for text in wrong] + [f"report: {report}" for report in reports]
    if grown > bound:
        problems.append(f"the resident set grew by {grown} kB, more than {bound:.0f}")
    for what, more in SLACK.items():
        if after[what] > before[what] + more:
            problems.append(f"{what}: {before[what]} before, {after[what]} after")
    if code != 0:
        problems.append(f"exit code {code}")
    if log_bytes > LOG_BYTES_A_SECOND * arguments.seconds + 100_000:
        problems.append(f"{log_bytes} bytes of log")
    return problems


async def soak(arguments, log_path):
    collector = Collector()
    await collector.start()
    upstreams = {"Alpha": Upstream(arguments.upstream, "Alpha", ["Say", "Slow", "Big", "Fail", "Hang"]),
                 "Beta": Upstream(arguments.upstream, "Beta", ["Say"])}
    targets = [f"{name.lower()}=127.0.0.1:{upstream.port}" for name, upstream in upstreams.items()]
    bridge = Bridge(arguments.bridge, log_path, targets, collector.port, arguments.sanitizer)
    try:
        rest = min(5, arguments.seconds / 5)
        await run_load(bridge, upstreams, arguments.upstream, rest, arguments.pause, [])
        before = await settle(bridge, rest)
        samples = []
        start = time.monotonic()
        done, wrong = await run_load(bridge, upstreams, arguments.upstream, arguments.seconds, arguments.pause, samples)
        took = time.monotonic() - start
        after = await settle(bridge, rest)
        ended = bridge.end()
    finally:
        bridge.process.kill()
        for upstream in upstreams.values():
            upstream.end()
        collector.server.close()
    rss = [sample["rss_kb"] for sample in samples]
    figures = {"seconds": round(took), "sanitizer": arguments.sanitizer, "actions": sum(done.values()),
               "batches_of_spans": collector.batches, "rss_kb_second_fifth": fifth(rss, 2),
               "rss_kb_last_fifth": fifth(rss, 5), "before": before, "after": after, "reports": len(ended[1]),
               "log_bytes": ended[2], "each": dict(sorted(done.items()))}
    print(json.dumps(figures, indent=1))
    return judge(arguments, samples, before, after, ended, wrong)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bridge", type=pathlib.Path)
    parser.add_argument("upstream", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--sanitizer", choices=["none", "asan", "tsan"], default="none")
    parser.add_argument("--pause", type=float, default=0.02, help="mean pause of a client between two actions, s")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        log_path = pathlib.Path(folder) / "bridge.log"
        problems = asyncio.run(soak(arguments, log_path))
        for problem in problems:
            print(problem, file=sys.stderr)
        if problems:
            print("the bridge's last lines:\n" + log_path.read_text(errors="replace")[-6000:], file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
