"""The processes of a soak run: the bridge, its upstreams, a collector; and what the bridge holds meanwhile."""
import asyncio
import itertools
import os
import pathlib
import re
import signal
import statistics
import subprocess

REPORT = re.compile(r"(AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:).*")
HERE = pathlib.Path(__file__).resolve().parent
# Long enough for every timer of a call to expire in the course of one: heartbeats, silence, the life of a stream.
CALLS = ["--call-timeout", "10s", "--stream-silence", "6s", "--stream-time", "8s"]
OPTIONS = {
    "none": {},
    # A small quarantine, so that what is freed does not look like growth.
    "asan": {"ASAN_OPTIONS": "quarantine_size_mb=8:thread_local_quarantine_size_kb=64:detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"},
    # Over stdio the process ends without waiting for its threads, on purpose.
    "tsan": {"TSAN_OPTIONS": "ignore_noninstrumented_modules=1:report_thread_leaks=0:exitcode=66:"
                             f"suppressions={HERE}/tsan.supp"},
}


class Upstream:
    """A program that prints the port it listens on at the end of its first line."""

    def __init__(self, program, *arguments):
        self.command = [str(program), *arguments]
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        self.port = int(re.search(r"(\d+)\n", self.process.stdout.readline())[1])

    def end(self, number=signal.SIGKILL):
        self.process.send_signal(signal.SIGCONT)
        self.process.send_signal(number)
        self.process.wait()
        self.process.stdout.close()


class Upstreams:
    """What the bridge is put in front of. Beta and Delta are restarted all the while."""

    def __init__(self, folder):
        self.texts, self.streams = folder / "fault_upstream", folder / "streams_server"
        self.all = {"alpha": Upstream(self.texts, "0", "Alpha", "Say", "Slow", "Big", "Fail", "Hang"),
                    "beta": Upstream(self.texts, "0", "Beta", "Say"),
                    "gamma": Upstream(self.streams), "delta": Upstream(self.streams),
                    "flood": Upstream(folder / "echo_upstream", "0", "streams")}

    def targets(self, *names):
        return [f"{name}=127.0.0.1:{self.all[name].port}" for name in names or self.all]

    def restart_beta(self, port, turn):
        """With other methods each time."""
        return Upstream(self.texts, str(port), "Beta", "Say", *(["Other"] if turn % 2 else []))

    def restart_delta(self, port, _):
        return Upstream(self.streams, str(port))

    async def disturb(self, name, stop):
        """Stops, continues, ends and restarts one."""
        restart = getattr(self, f"restart_{name}")
        turn = 0
        while not stop.is_set():
            turn += 1
            one = self.all[name]
            one.process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(1.5)
            one.process.send_signal(signal.SIGCONT)
            await asyncio.sleep(2)
            one.end(signal.SIGKILL if turn % 2 else signal.SIGTERM)
            await asyncio.sleep(1)
            self.all[name] = restart(one.port, turn)
            await asyncio.sleep(2)

    def end(self):
        for one in self.all.values():
            one.end()


class Collector:
    """Takes spans by OTLP over HTTP; at times it refuses, or says nothing for a while."""

    def __init__(self):
        self.batches = 0
        self.server = self.port = None

    async def start(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
                await reader.readexactly(int(re.search(r"content-length: (\d+)", head).group(1)))
                self.batches += 1
                if self.batches % 20 == 0:
                    await asyncio.sleep(3)
                status = "503 Later" if self.batches % 7 == 0 else "200 OK"
                writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()


def environment(sanitizer, collector_port):
    return {**os.environ, **OPTIONS[sanitizer], "OTEL_BSP_SCHEDULE_DELAY": "500", "OTEL_EXPORTER_OTLP_TIMEOUT": "1000",
            "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{collector_port}"}


def reports_in(text):
    return [match.group(0) for match in REPORT.finditer(text)]


def stdio_starter(program, targets, folder, env):
    """A function that starts a bridge on stdio: (process, path of its log)."""
    count = itertools.count()

    async def start(limit):
        log_path = folder / f"stdio-{next(count)}.log"
        with open(log_path, "wb") as log:
            process = await asyncio.create_subprocess_exec(
                str(program), "stdio", *CALLS, *targets, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                limit=limit, env=env)
        return process, log_path

    return start


class Bridge:
    def __init__(self, program, log_path, targets, env):
        self.log_path = log_path
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(program), "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--refresh", "2",
                 "--reactors", "2", "--trace-intake", *CALLS, *targets],
                stdout=subprocess.PIPE, stderr=log, text=True, env=env)
        ready = self.process.stdout.readline()
        ports = re.match(r"ready mcp=http://127.0.0.1:(\d+)/mcp admin=http://127.0.0.1:(\d+) tools=", ready)
        if not ports:
            raise SystemExit(f"the bridge did not start: {ready!r}; its log is {log_path}")
        self.mcp_port, self.admin_port = map(int, ports.groups())

    def own_threads(self):
        """How many have the process's name: gRPC names those of its pools, which grow to a bound of their own."""
        folder = pathlib.Path(f"/proc/{self.process.pid}")
        own = (folder / "comm").read_text()
        return sum((task / "comm").read_text() == own for task in (folder / "task").iterdir())

    def measure(self):
        folder = pathlib.Path(f"/proc/{self.process.pid}")
        status = (folder / "status").read_text()
        return {"rss_kb": int(re.search(r"VmRSS:\s+(\d+)", status).group(1)),
                "threads": self.own_threads(),
                "all_threads": int(re.search(r"Threads:\s+(\d+)", status).group(1)),
                "descriptors": len(os.listdir(folder / "fd"))}

    def end(self):
        """Ends it; (exit code, sanitizer reports, bytes of log)."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=120)
        self.process.stdout.close()
        text = self.log_path.read_text(errors="replace")
        return code, reports_in(text), len(text)


def fifth(samples, which):
    """The median of one fifth of the samples, counted from 1; of the last one if they are few."""
    size = max(1, len(samples) // 5)
    return statistics.median(samples[(which - 1) * size:which * size] or samples[-1:])
