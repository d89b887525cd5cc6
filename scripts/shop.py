"""Starts the example shop and the bridge in front of it, on free loopback ports, and ends them again.

    with Shop(bin_folder) as shop:
        shop.mcp_url, shop.admin_url, shop.tools, shop.services  # {"shop-catalog": "127.0.0.1:4711", ...}

All spans meet at shop.admin_url/debug/traces, unless `telemetry` says otherwise: OTEL_* variables for all four.
Each program says on stdout where it listens ("ready key=value ..."); its log goes to a file in `shop.logs`,
and the end of that file is part of the error when a program does not start. A program that ends while it
should run, or that has to be killed at the end, is an error too.
"""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading

START_SECONDS = 30
STOP_SECONDS = 15
PR_SET_PDEATHSIG = 1


def die_with_parent():
    """In the child: should this process be killed, the kernel ends the child as well."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def environment_without_telemetry():
    """Ours, but for the OTEL_* variables that somebody has set for something else."""
    return {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}


class Program:
    """One running program and the values of its ready line."""

    def __init__(self, name, command, log, env):
        self.name, self.log = name, log
        # A session of its own: Ctrl-C reaches us only, and we end the programs in order.
        with log.open("wb") as log_file:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=log_file, env={**environment_without_telemetry(), **env},
                                            start_new_session=True, preexec_fn=die_with_parent)
        self.ready = None
        self._answered = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._answered.wait(START_SECONDS)
        finally:
            if self.ready is None:
                self.process.kill()
                self.process.wait()
        if self.ready is None:
            raise RuntimeError(f"{name} did not become ready; the end of its log:\n{self.log_end()}")

    def _read(self):
        with self.process.stdout as lines:
            for line in lines:
                words = line.decode(errors="replace").split()
                if self.ready is None and words[:1] == ["ready"]:
                    self.ready = dict(word.split("=", 1) for word in words[1:])
                    self._answered.set()
        self._answered.set()

    def log_end(self):
        return self.log.read_text(errors="replace")[-2000:] or "(empty)"

    def stop(self):
        """Ends the program by SIGTERM. Returns what was wrong, or an empty string."""
        if self.process.poll() is not None:
            return f"{self.name} had ended by itself with {self.process.returncode}:\n{self.log_end()}"
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return f"{self.name} did not end within {STOP_SECONDS} s of SIGTERM:\n{self.log_end()}"
        finally:
            self._reader.join()
        return "" if code == 0 else f"{self.name} ended with {code}:\n{self.log_end()}"


def reserve_port():
    """A free port, ours as long as the returned socket is open: it never listens, so a program that sets
    SO_REUSEADDR, as servers do, can bind it too."""
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder, holder.getsockname()[1]


class Shop:
    def __init__(self, bin_folder, bridge_options=(), orders_options=(), telemetry=None):
        self.bin = pathlib.Path(bin_folder)
        self.bridge_options, self.orders_options = bridge_options, orders_options
        self.telemetry = telemetry
        self.programs, self.services = [], {}

    def __enter__(self):
        self.logs = pathlib.Path(tempfile.mkdtemp(prefix="shop-"))
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, kind, error, trace):
        problems = self._stop()
        if problems and kind is None:
            raise RuntimeError("\n".join(problems))

    def _start(self):
        # The services start first, so that the port they report to has to be known before it is used.
        holder, admin_port = reserve_port()
        with holder:
            bridge_telemetry = self.telemetry or {}
            if self.telemetry is None:
                self.telemetry = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{admin_port}",
                                  "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                                  "OTEL_BSP_SCHEDULE_DELAY": "100"}
            catalog = self._start_service("shop-catalog", [])
            payments = self._start_service("shop-payments", [])
            self._start_service("shop-orders", ["--catalog", catalog, "--payments", payments, *self.orders_options])
            command = [self.bin / "grpc-mcp-bridge", "serve", "--listen", "127.0.0.1:0",
                       "--admin", f"127.0.0.1:{admin_port}", "--trace-intake", *self.bridge_options,
                       *(f"{name}={address}" for name, address in self.services.items())]
            bridge = self._start_program("grpc-mcp-bridge", command, bridge_telemetry)
        self.mcp_url, self.admin_url = bridge.ready["mcp"], bridge.ready["admin"]
        self.tools = int(bridge.ready["tools"])

    def _start_service(self, name, options):
        command = [self.bin / name, "--listen", "127.0.0.1:0", *options]
        self.services[name] = self._start_program(name, command, self.telemetry).ready["grpc"]
        return self.services[name]

    def _start_program(self, name, command, env):
        program = Program(name, [str(word) for word in command], self.logs / f"{name}.log", env)
        self.programs.append(program)
        return program

    def _stop(self):
        problems = [problem for program in reversed(self.programs) if (problem := program.stop())]
        self.programs.clear()
        shutil.rmtree(self.logs, ignore_errors=True)
        return problems
