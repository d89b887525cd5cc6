"""The programs of a benchmark and what they cost: starting them, calling the bridge, CPU clocks, memory.

The programs themselves are those of build/release/bin; scripts/shop.py starts and ends them.
"""
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "scripts"))
from shop import Program, die_with_parent  # noqa: E402

BARE_WARM_MS = 150
PRIORITY = -15
VERSION = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {}}


@dataclasses.dataclass(frozen=True)
class Request:
    """One MCP request of the modern era, and the arguments of its JSON-RPC message."""
    method: str
    name: str = ""  # of the tool
    sample: str = ""  # small or order
    messages: int = 0  # of the stream that answers; 0: one message
    progress: bool = False  # asked for
    traceparent: str = ""  # header

    def body(self):
        head = json.dumps({"jsonrpc": "2.0", "id": 1, "method": self.method}, separators=(",", ":"))[:-1]
        meta = {**META, "progressToken": 1} if self.progress else META
        tail = json.dumps({"_meta": meta}, separators=(",", ":"))
        if self.name:
            # The arguments stay as the file has them.
            arguments = (HERE / f"{self.sample}.json").read_text().strip()
            tail = f'{{"name":"{self.name}","arguments":{arguments},{tail[1:]}'
        return f'{head},"params":{tail}}}'.encode()

    def path(self):
        """Of the gRPC method behind the tool."""
        service, method = self.name.split("_")
        return f"/bench.v1.{service}Service/{method}"

    def expected(self):
        """The typed answer."""
        arguments = json.loads((HERE / f"{self.sample}.json").read_text())
        return {"messages": [arguments] * self.messages} if self.messages else arguments

    def headers(self):
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                   "MCP-Protocol-Version": VERSION, "Mcp-Method": self.method}
        if self.name:
            headers["Mcp-Name"] = self.name
        if self.traceparent:
            headers["traceparent"] = self.traceparent
        return headers

    def text(self, port):
        """All of it as it goes through a socket."""
        body = self.body()
        lines = [f"{name}: {value}" for name, value in
                 {"Host": f"127.0.0.1:{port}", **self.headers(), "Content-Length": len(body)}.items()]
        return ("POST /mcp HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode() + body


def content_length(head):
    """Of the bytes of an HTTP head."""
    return int(re.search(rb"(?i)\r\ncontent-length: *(\d+)", head).group(1))


def cpu_seconds(pid):
    """What all threads of the process have used, in nanosecond steps: its CPU clock (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


def machine_cpu_seconds():
    """What everything on the machine has used, time stolen from it included: proc(5), /proc/stat."""
    ticks = [int(word) for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    idle, waiting = ticks[3:5]
    return (sum(ticks) - idle - waiting) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"process {pid} is gone")


def prefer(pid):
    """Lets the process go before others where we may (root), so that a busy machine disturbs it less."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, PRIORITY)
        # Sessions share the processor first, then their processes.
        pathlib.Path(f"/proc/{pid}/autogroup").write_text(str(PRIORITY))


class Running:
    """A started program: its pid, and its ready line's values."""

    def __init__(self, program):
        self.program = program
        self.pid = program.process.pid
        self.ready = program.ready

    @property
    def port(self):
        return urllib.parse.urlsplit(self.ready["mcp"]).port

    def ask(self, request):
        """The body of one answer; it must be 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.request("POST", "/mcp", request.body(), request.headers())
            answer = connection.getresponse()
            body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{request.method}: status {answer.status}: {body[:300]!r}")
        return body

    def spans(self):
        """How many spans it has exported and dropped."""
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.ready["admin"]).netloc, timeout=30)
        with contextlib.closing(connection):
            connection.request("GET", "/metrics")
            text = connection.getresponse().read().decode()
        return {what: int(re.search(rf"^mcp_bridge_otel_spans_{what}_total (\d+)", text, re.M).group(1))
                for what in ("exported", "dropped")}


class Programs:
    """Starts programs, and ends all of them at the end of its `with`."""

    def __init__(self, bin_folder):
        self.bin = pathlib.Path(bin_folder)
        self._started = []

    def __enter__(self):
        # What the caller has set for its own programs is not for these.
        for name in [name for name in os.environ if name.startswith("OTEL_")]:
            del os.environ[name]
        # 1,000 connections here and in what is started.
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-"))
        return self

    def __exit__(self, kind, error, trace):
        problems = [problem for program in reversed(self._started) if (problem := program.stop())]
        shutil.rmtree(self.folder, ignore_errors=True)
        if problems and kind is None:
            raise RuntimeError("\n".join(problems))

    def upstream(self, further_methods=0, streams=False):
        return self._start("upstream", [self.bin / "echo_upstream", further_methods, *["streams"] * streams], {})

    def bridge(self, name, upstream, options=(), env=None, prefix=(), binary=None):
        command = [*prefix, binary or self.bin / "grpc-mcp-bridge", "serve", "--listen", "127.0.0.1:0",
                   "--admin", "127.0.0.1:0", *options, f"bench={upstream.ready['grpc']}"]
        return self._start(f"bridge-{name}", command, env or {})

    def cpu_seconds(self):
        """What all of them have used, the ended ones and this process included."""
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        running = sum(cpu_seconds(program.process.pid) for program in self._started)
        return running + ended.ru_utime + ended.ru_stime + time.process_time()

    def stop(self, running):
        self._started.remove(running.program)
        if problem := running.program.stop():
            raise RuntimeError(problem)

    def _start(self, name, command, env):
        log = self.folder / f"{name}-{len(self._started)}.log"
        program = Program(name, [str(word) for word in command], log, env)
        self._started.append(program)
        prefer(program.process.pid)
        return Running(program)


def check_echo(running, request):
    """The answer's bytes, which must carry the arguments back."""
    body = running.ask(request)
    if request.name:
        result = json.loads(body)["result"]
        if result.get("isError") or result["structuredContent"] != request.expected():
            raise RuntimeError(f"{request.name} did not echo its arguments: {body[:600]!r}")
    elif "tools" not in json.loads(body)["result"]:
        raise RuntimeError(f"no tools in {body[:300]!r}")
    return body


def _start_client(words):
    client = subprocess.Popen([str(word) for word in words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=die_with_parent)
    prefer(client.pid)
    return client


def run_wrk(programs, bridge, upstream, request, answer, connections, seconds):
    """One window of wrk: CPU µs per call of the bridge, the upstream and wrk; calls/s and latencies."""
    request_file, answer_file = programs.folder / "request", programs.folder / "answer"
    request_file.write_bytes(request.body())
    answer_file.write_bytes(answer)
    before = [cpu_seconds(bridge.pid), cpu_seconds(upstream.pid)]
    wrk = _start_client(["wrk", "-t1", f"-c{connections}", "-d60", "--timeout", "10", "-s", HERE / "load.lua",
                         f"http://127.0.0.1:{bridge.port}", "--", request.method, request.name, request_file,
                         answer_file])
    # SIGINT ends wrk in order; its own windows are whole seconds.
    time.sleep(seconds)
    wrk.send_signal(signal.SIGINT)
    output, errors = wrk.stdout.read(), wrk.stderr.read()
    _, status, usage = os.wait4(wrk.pid, 0)
    wrk.returncode = os.waitstatus_to_exitcode(status)
    used = [cpu_seconds(bridge.pid) - before[0], cpu_seconds(upstream.pid) - before[1],
            usage.ru_utime + usage.ru_stime]
    if wrk.returncode or "{" not in output:
        raise RuntimeError(f"wrk failed ({wrk.returncode}): {errors}{output}")
    seen = json.loads(output.strip().splitlines()[-1])
    if seen["wrong"] or seen["broken"] or not seen["calls"]:
        raise RuntimeError(f"{request}: of {seen['calls']} calls {seen['wrong']} had a wrong answer and "
                           f"{seen['broken']} broke; one of them: {errors.strip()}")
    bridge_us, upstream_us, wrk_us = (1e6 * each / seen["calls"] for each in used)
    return {"calls": seen["calls"], "calls_per_s": seen["calls"] / seen["seconds"], "bridge_us": bridge_us,
            "upstream_us": upstream_us, "wrk_us": wrk_us, "p50_us": seen["p50_us"], "p99_us": seen["p99_us"]}


def run_bare(programs, upstream, request, calls, seconds):
    """One window of the bare grpc++ client: its CPU µs per call and the upstream's; calls/s and latencies."""
    words = [upstream.ready["grpc"], request.path(), request.sample, calls, BARE_WARM_MS, int(seconds * 1000),
             upstream.pid]
    if request.messages:
        words.append(request.messages)
    client = _start_client([programs.bin / "bare_client", *words])
    output, errors = client.communicate(timeout=60)
    if client.returncode:
        raise RuntimeError(f"the bare client failed:\n{errors}")
    return json.loads(output)
