#!/usr/bin/env python3
"""Instructions and allocations of one call, held against tests/bench/budget.json.

    budget.py BIN_FOLDER [--update] [--profile]

Runs the real bridge under callgrind in front of the echo upstream and sends each kind of request many times over
the same few connections, one wave after the other. The bridge stands still while a wave is sent, so that it finds
the whole of it at once, however busy the machine is: runs repeat. Ends with 1 and says what grew if a
figure is over its budget. --update writes what was measured as the new budget; --profile shows where the
instructions and the allocations of each request are. docs/benchmarks.md explains the tolerances.
"""
import argparse
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import callgrind
from programs import HERE, Programs, Request, check_echo, content_length

BUDGET = HERE / "budget.json"
CONNECTIONS = 8
WINDOWS, WAVES, WARM_WAVES = 4, 20, 60  # warm is also that the ring of recent traces, of 256, is full
# Only what the client samples is recorded, in the ring of recent traces. Each call is a trace of its own.
SAMPLER = {"OTEL_TRACES_SAMPLER": "parentbased_always_off"}
TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED = f"00-{TRACE_ID}-00f067aa0ba902b7-01"
REQUESTS = {
    "small call": Request("tools/call", "Echo_EchoSmall", "small"),
    "small call, recorded": Request("tools/call", "Echo_EchoSmall", "small", traceparent=SAMPLED),
    "medium call": Request("tools/call", "Echo_EchoOrder", "order"),
    "list of 10 tools": Request("tools/list"),
    "call of an unknown tool": Request("tools/call", "Echo_NoSuchTool", "small"),
    "arguments that do not fit": Request("tools/call", "Echo_EchoSmall", "order"),
}
FURTHER_METHODS = 7
# Over it by this share fails. Which memcpy the C library takes depends on the
# processor, and how often gRPC wakes up on luck; our own part repeats to half a percent.
TOLERANCE = {"bridge": 0.03, "libstdc++": 0.05, "grpc": 0.06, "libc": 0.10, "other": 0.10, "total": 0.04}
# The larger of a number and a share. gRPC allocates whenever it is woken; the others' repeat.
ALLOCATIONS_TOLERANCE = {"grpc": (1, 0), "others": (0.5, 0.02)}
LOOSE = 0.05  # this much under the budget is worth a tighter one
TOP = 60


class Connections:
    def __init__(self, bridge, count):
        self._pid = bridge.pid
        self._sockets = [socket.create_connection(("127.0.0.1", bridge.port), timeout=60) for _ in range(count)]

    def wave(self, texts, size):
        """Sends the next of `texts` on each, then reads an answer of `size` bytes from each."""
        os.kill(self._pid, signal.SIGSTOP)
        now = os.waitid(os.P_PID, self._pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        if now.si_code != os.CLD_STOPPED:
            raise RuntimeError("the bridge has ended")
        for connection in self._sockets:
            connection.sendall(next(texts))
        os.kill(self._pid, signal.SIGCONT)
        return [self._read(connection, size) for connection in self._sockets]

    def _read(self, connection, size):
        seen = b""
        while len(seen) < size:
            piece = connection.recv(1 << 20)
            if not piece:
                raise RuntimeError(f"the bridge closed a connection after {seen[:300]!r}")
            seen += piece
        return seen

    def first(self, text):
        """The first answer to `text`, whose size is not known yet."""
        self._sockets[0].sendall(text)
        seen = self._sockets[0].recv(1 << 20)
        while b"\r\n\r\n" not in seen:
            seen += self._sockets[0].recv(1 << 20)
        head, body = seen.split(b"\r\n\r\n", 1)
        return seen + self._read(self._sockets[0], content_length(head) - len(body))


def control(bridge, word):
    done = subprocess.run(["callgrind_control", word, str(bridge.pid)], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
    if done.returncode:
        raise RuntimeError(f"callgrind_control {word} failed:\n{done.stdout}")


def dump(bridge, folder):
    """The profile since the last one; it begins again from zero."""
    before = set(folder.glob("callgrind.out.*"))
    control(bridge, "--dump")
    written = set(folder.glob("callgrind.out.*")) - before
    if len(written) != 1:
        raise RuntimeError(f"callgrind has written {len(written)} profiles instead of one")
    return callgrind.read(written.pop())


def measure_one(bridge, connections, request, folder):
    """The cheapest profile of some windows of CONNECTIONS * WAVES calls: being woken more often is bad luck."""
    text = request.text(bridge.port)
    answer = connections.first(text)
    body = answer.partition(b"\r\n\r\n")[2]

    texts = (text.replace(TRACE_ID.encode(), b"%032x" % number) for number in itertools.count(1))

    def waves(count):
        for _ in range(count):
            for seen in connections.wave(texts, len(answer)):
                if seen.partition(b"\r\n\r\n")[2] != body:  # the head has the date
                    raise RuntimeError(f"the answer changed: {seen[:400]!r}")

    waves(WARM_WAVES)
    control(bridge, "--zero")
    profiles = []
    for _ in range(WINDOWS):
        waves(WAVES)
        profiles.append(dump(bridge, folder))
    return min(profiles, key=lambda profile: profile.instructions.total())


def figures_of(profile):
    calls = CONNECTIONS * WAVES
    instructions = {group: round(count / calls) for group, count in sorted(profile.by_group().items())}
    instructions["total"] = sum(instructions.values())
    functions = {name: round(count / calls) for name, count in profile.by_function().most_common(TOP)}
    allocations = {group: round(count / calls, 2) for group, count in profile.allocations().items()}
    return {"instructions": instructions, "allocations": allocations, "functions": functions}


def measure(bin_folder, profiles):
    figures = {}
    with Programs(bin_folder) as programs:
        upstream = programs.upstream(FURTHER_METHODS)
        valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={programs.folder}/callgrind.out"]
        bridge = programs.bridge("callgrind", upstream, env=SAMPLER, prefix=valgrind)
        check_echo(bridge, REQUESTS["small call"])
        connections = Connections(bridge, CONNECTIONS)
        for name, request in REQUESTS.items():
            profile = measure_one(bridge, connections, request, programs.folder)
            figures[name] = figures_of(profile)
            profiles[name] = profile
    return figures


def compare(name, budget, seen):
    """Lines on what is over the budget, and whether the budget could be tighter."""
    over, loose = [], False
    for group, limit in budget["instructions"].items():
        now = seen["instructions"].get(group, 0)
        # A group of a few hundred instructions may move by as many as two percent of the whole call.
        slack = max(limit * TOLERANCE[group], 0.02 * budget["instructions"]["total"])
        if now > limit + slack:
            over.append(f"{name}: {group} takes {now:,} instructions a call, {now - limit:,} more than {limit:,}")
    loose |= seen["instructions"]["total"] < budget["instructions"]["total"] * (1 - LOOSE)
    for group, (few, share) in ALLOCATIONS_TOLERANCE.items():
        limit, now = budget["allocations"][group], seen["allocations"][group]
        slack = max(few, limit * share)
        if now > limit + slack:
            over.append(f"{name}: {group} make {now} allocations a call, budget {limit}")
        loose |= now < limit * (1 - LOOSE) - slack
    return over, loose


def grown(budget, seen):
    """The functions that grew most, largest first. Only the dearest are in the budget: any other took less."""
    least = min(budget["functions"].values())
    changes = sorted(((count - budget["functions"].get(function, least), function)
                      for function, count in seen["functions"].items()), reverse=True)
    return [f"    {change:+,} {function}" for change, function in changes[:8] if change > 0]


def show_profile(name, profile):
    def show(title, counts, digits, most):
        print(f"-- {title}")
        for key, count in counts.most_common(most):
            print(f"{count / (CONNECTIONS * WAVES):12,.{digits}f}  {key[:150]}")

    print(f"\n== {name}, of one call")
    show("instructions by library", profile.by_group(), 0, None)
    show("by function, its own", profile.by_function(), 0, 60)
    show("by function of the bridge, with all it calls", profile.with_callees("bridge"), 0, 60)
    show("allocations, by who wants them", profile.allocators(), 2, 40)
    show("system calls, by function of the C library", profile.calls_of(callgrind.SYSTEM_CALLS), 2, 20)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path, metavar="BIN_FOLDER")
    parser.add_argument("--update", action="store_true", help="what is measured becomes the budget")
    parser.add_argument("--profile", action="store_true", help="show where instructions and allocations are")
    options = parser.parse_args()
    began = time.monotonic()
    profiles = {}
    figures = measure(options.bin, profiles)
    if options.profile:
        for name, profile in profiles.items():
            show_profile(name, profile)
    for name, seen in figures.items():
        print(f"{name}: {seen['instructions']['total']:,} instructions, "
              f"{sum(seen['allocations'].values()):.2f} allocations a call  "
              + ", ".join(f"{group} {count:,}" for group, count in seen["instructions"].items() if group != "total"))
    print(f"measured in {time.monotonic() - began:.0f} s")
    if options.update:
        BUDGET.write_text(json.dumps(figures, indent=1) + "\n")
        return
    budget = json.loads(BUDGET.read_text())
    problems, loose = [], []
    if budget.keys() != figures.keys():
        sys.exit("tests/bench/budget.json has other requests than this program; run it with --update")
    for name, seen in figures.items():
        over, is_loose = compare(name, budget[name], seen)
        if over:
            problems += over + ["  what grew most:"] + grown(budget[name], seen)
        loose += [name] if is_loose else []
    if loose:
        print(f"cheaper than the budget by more than {LOOSE:.0%}: {', '.join(loose)}. To keep that, run: "
              "tests/bench/budget.py build/release/bin --update")
    if problems:
        sys.exit("over the budget of tests/bench/budget.json:\n" + "\n".join(problems)
                 + "\nIf it is worth it: tests/bench/budget.py build/release/bin --update, and the commit says why.")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(f"error: {error}")
