#!/usr/bin/env python3
"""What a call costs, as a ratio to the same call by a bare grpc++ client in the same run.

    bench.py BIN_FOLDER [--quick] [--only REGEX] [--check] [--against BRIDGE] [--output FILE]

A run is made of rounds; in each round every case has one short window, a case beside what it is compared with,
so that what disturbs the machine disturbs both. Figures are medians over the rounds. docs/benchmarks.md says how
to read them. Ends with 0 whatever they are; with --check, with 1 if a target is missed. A call that fails or is
answered by other bytes than expected ends the run: a benchmark of errors is worth nothing.
"""
import argparse
import dataclasses
import datetime
import json
import os
import pathlib
import platform
import re
import statistics
import subprocess
import sys
import time

import figures
import memory
import memory_streams
from programs import ROOT, Programs, Request, check_echo, machine_cpu_seconds, run_bare, run_wrk

CONNECTIONS = (1, 16, 64)
LATER_CONNECTIONS = 16
SMALL = Request("tools/call", "Echo_EchoSmall", "small")
ORDER = Request("tools/call", "Echo_EchoOrder", "order")
LATER = Request("tools/call", "Echo_EchoSmallLater", "small")
LIST = Request("tools/list")
STREAM = Request("tools/call", "Stream_EchoThousand", "small", messages=1000)
FEW_TOOLS, MANY_TOOLS = 10, 1000
# Batches leave every half second, so that a window pays for the spans of its own calls.
EXPORT = {"OTEL_BSP_SCHEDULE_DELAY": "500", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
TRACING = {"off": {"OTEL_SDK_DISABLED": "true"},
           "default": {},  # no variable set: a few traces a second, for /debug/traces
           "1 %": {"OTEL_TRACES_SAMPLER": "parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG": "0.01", **EXPORT},
           "100 %": {"OTEL_TRACES_SAMPLER": "parentbased_always_on", **EXPORT}}
USUAL = "1 %"
OTHER = "1 %, other"  # the bridge of --against


@dataclasses.dataclass(frozen=True)
class Case:
    """One row of the table: a request at a number of connections, by the bare client or through a bridge."""
    what: str
    connections: int
    request: Request
    bridge: str = ""  # the name of a started bridge; empty: the bare client
    tracing: str = ""

    @property
    def name(self):
        return f"{self.what}, {self.connections}, {'tracing ' + self.tracing if self.bridge else 'bare client'}"

    @property
    def base(self):
        """The request of the bare client that it is compared with."""
        return STREAM if self.request == STREAM else SMALL


def all_cases(quick, against=False):
    """In the order of a round. The first of each number of connections is what the ratios compare with."""
    tracings = [*TRACING, OTHER] if against else [*TRACING]
    cases = []
    for connections in CONNECTIONS:
        for what, request in (("small", SMALL), ("medium", ORDER)):
            cases.append(Case(what, connections, request))
            for tracing in tracings:
                if quick and what == "medium" and tracing not in (USUAL, OTHER):
                    continue
                cases.append(Case(what, connections, request, f"tracing {tracing}", tracing))
        if connections == LATER_CONNECTIONS:
            usual = f"tracing {USUAL}"
            cases += [Case(what, connections, request, bridge, USUAL if bridge else "") for what, request, bridge in (
                ("small after 20 ms", LATER, ""),
                ("small after 20 ms", LATER, usual),
                ("message of a stream of 1,000 small", STREAM, ""),
                ("message of a stream of 1,000 small", STREAM, "streams"),
                (f"list of {FEW_TOOLS} tools", LIST, usual),
                (f"list of {MANY_TOOLS:,} tools, a page", LIST, "many tools"),
                (f"list of {MANY_TOOLS:,} tools, largest page", LIST, "many tools, large"))]
    return cases


def choose(cases, pattern):
    """Those that match, and what they are compared with."""
    wanted = {case for case in cases if re.search(pattern, case.name)}
    bare = {(request, case.connections) for case in wanted for request in (case.request, case.base)}
    off = {(case.request, case.connections) for case in wanted if case.tracing == "default"}
    return [case for case in cases if case in wanted
            or (not case.bridge and (case.request, case.connections) in bare)
            or (case.tracing == "off" and (case.request, case.connections) in off)]


class Bench:
    def __init__(self, programs, window_seconds, against):
        self.programs, self.window_seconds, self.against = programs, window_seconds, against
        self.upstream = programs.upstream(FEW_TOOLS - memory.ECHO_METHODS)
        self.many = programs.upstream(MANY_TOOLS - memory.ECHO_METHODS)
        self.streams = programs.upstream(streams=True)
        self.collector = programs.upstream()
        self.bridges, self.answers = {}, {}

    def bridge(self, name):
        """The bridge of that name, started when it is first needed."""
        if name not in self.bridges:
            many, other = name.startswith("many"), name.endswith("other")
            tracing = TRACING[USUAL if many or other or name == "streams" else name.removeprefix("tracing ")]
            env = tracing and {**tracing, "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{self.collector.ready['grpc']}"}
            options = ["--page-size", "100"] if name == "many tools" else []
            upstream = self.many if many else self.streams if name == "streams" else self.upstream
            binary = self.against if other else None
            started = self.programs.bridge(re.sub(r"\W+", "-", name), upstream, options, env, binary=binary)
            self.bridges[name] = (started, upstream)
        return self.bridges[name]

    def window(self, case, seconds):
        if not case.bridge:
            upstream = self.streams if case.request == STREAM else self.upstream
            return each_message(case, run_bare(self.programs, upstream, case.request, case.connections, seconds))
        bridge, upstream = self.bridge(case.bridge)
        if case not in self.answers:
            self.answers[case] = check_echo(bridge, case.request)
        return each_message(case, run_wrk(self.programs, bridge, upstream, case.request, self.answers[case],
                                          case.connections, seconds))

    def rounds(self, cases, count):
        """{case: [window, ...]}"""
        for case in cases:
            if case.bridge:
                self.window(case, 0.2)  # warm
        began, others = time.monotonic(), machine_cpu_seconds() - self.programs.cpu_seconds()
        windows = {case: [] for case in cases}
        for number in range(count):
            say(f"round {number + 1} of {count}: {len(cases)} windows of {self.window_seconds} s")
            for case in cases:
                windows[case].append(self.window(case, self.window_seconds))
        others = machine_cpu_seconds() - self.programs.cpu_seconds() - others
        self.others_cpus = max(0, others / (time.monotonic() - began))
        return windows


def each_message(case, seen):
    """Of a stream: the CPU of each message, and the calls and latencies of the whole."""
    messages = case.request.messages or 1
    return {key: value / messages if key in ("bridge_us", "client_us", "upstream_us", "wrk_us") else value
            for key, value in seen.items()}


def medians(windows):
    return {key: statistics.median(window[key] for window in windows) for key in windows[0]}


def rows(windows):
    """A row a case: medians, and the median of the ratios of each round to what the bare client took then, for its
    small call or for a message of its stream."""
    bare = {(case.request, case.connections): seen for case, seen in windows.items() if not case.bridge}
    result = []
    for case, seen in windows.items():
        row = {"case": case.what, "connections": case.connections, "tracing": case.tracing, **medians(seen)}
        if case.bridge:
            ratios = [window["bridge_us"] / base["client_us"]
                      for window, base in zip(seen, bare[case.base, case.connections], strict=True)]
            row["ratio"] = statistics.median(ratios)
            off = windows.get(dataclasses.replace(case, bridge="tracing off", tracing="off"))
            if off:
                row["to_off"] = statistics.median(window["bridge_us"] / base["bridge_us"]
                                                  for window, base in zip(seen, off, strict=True))
            row["ratio_least"], row["ratio_most"] = min(ratios), max(ratios)
        result.append(row)
    return result


def micro(programs, quick):
    """Google Benchmark's figures of codec, reader and writer: [{name, ns, mb_per_s}]."""
    result = []
    for name in ("codec_bench", "json_bench"):
        say(f"{name}")
        done = subprocess.run([programs.bin / name, f"--benchmark_min_time={0.02 if quick else 0.2}",
                               "--benchmark_format=json"], capture_output=True, text=True, check=True,
                              stdin=subprocess.DEVNULL)
        for row in json.loads(done.stdout)["benchmarks"]:
            result.append({"name": row["name"], "ns": row["cpu_time"],
                           "mb_per_s": row.get("bytes_per_second", 0) / 1e6})
    return result


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    return {"cpu": model.group(1) if model else platform.machine(), "cpus": os.cpu_count(),
            "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
            "kernel": platform.release()}


def version(programs):
    said = subprocess.run([programs.bin / "grpc-mcp-bridge", "--version"], capture_output=True, text=True, check=True)
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], capture_output=True, text=True)
    return {"version": said.stdout.strip(), "commit": commit.stdout.strip() or "unknown"}


def say(text):
    print(f"[{time.monotonic() - START:3.0f}s] {text}", file=sys.stderr, flush=True)


START = time.monotonic()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=pathlib.Path, metavar="BIN_FOLDER")
    parser.add_argument("--quick", action="store_true", help="fewer, shorter rounds: under a minute")
    parser.add_argument("--only", default="", metavar="REGEX", help="cases, memory, streams and micro that match")
    parser.add_argument("--against", type=pathlib.Path, metavar="BRIDGE", help="another build, in the same rounds")
    parser.add_argument("--check", action="store_true", help="end with 1 if a target is missed")
    parser.add_argument("--output", type=pathlib.Path, default=ROOT / "build/bench.json", metavar="FILE")
    options = parser.parse_args()
    cases = choose(all_cases(options.quick, bool(options.against)), options.only)
    count, seconds = (3, 0.5) if options.quick else (5, 1.5)

    report = {"date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "machine": machine(),
              "quick": options.quick}
    with Programs(options.bin) as programs:
        report.update(version(programs))
        if re.search(options.only, "memory"):
            say("memory and start")
            report["memory"] = memory.measure(programs, 1 if options.quick else 5)
        if re.search(options.only, "streams"):
            say("memory of streams")
            report["streams"] = memory_streams.measure(programs)
        if cases:
            bench = Bench(programs, seconds, options.against)
            report["calls"] = rows(bench.rounds(cases, count))
            report["others_cpus"] = bench.others_cpus
            report["spans"] = {name: bridge.spans() for name, (bridge, _) in bench.bridges.items()}
        if re.search(options.only, "micro"):
            report["micro"] = micro(programs, options.quick)
    report["targets"] = figures.targets(report)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(report, indent=1) + "\n")
    print(figures.as_text(report))
    if options.check and not all(target["met"] for target in report["targets"]):
        sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(f"error: {error}")
