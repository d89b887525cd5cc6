"""Starts a real Jaeger v2 on free loopback ports, and reads traces back from its query API.

    with Jaeger(binary) as jaeger:
        jaeger.otlp_grpc, jaeger.otlp_http, jaeger.query   # URLs; the last also has Jaeger's page
        spans = jaeger.wait_for_trace(trace_id, lambda spans: len(spans) == 3)

Traces are kept in memory. The ports stay the same through `kill` and `start`.
"""
import contextlib
import dataclasses
import json
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from shop import die_with_parent, environment_without_telemetry, reserve_port

START_SECONDS = 60
STOP_SECONDS = 15
POLL_SECONDS = 0.05
PORTS = ("otlp_grpc", "otlp_http", "query", "query_grpc", "health")
# Else Jaeger traces its own queries, and its end waits for a collector of them.
UNTRACED = {"OTEL_TRACES_SAMPLER": "always_off"}
KINDS = ("unspecified", "internal", "server", "client", "producer", "consumer")
STATUSES = ("unset", "ok", "error")


@dataclasses.dataclass(frozen=True)
class Span:
    """One span as Jaeger has it."""
    span_id: str
    parent: str  # empty for the root of a trace
    name: str
    kind: str
    status: str
    message: str
    start: int  # nanoseconds
    end: int
    attributes: dict
    events: dict  # the attributes of each by its name
    links: list  # (trace id, span id)
    resource: dict

    @property
    def service(self):
        return self.resource["service.name"]


def _attributes(pairs):
    """OTLP's JSON has 64-bit integers as text."""
    def plain(value):
        (kind, content), = value.items()
        return int(content) if kind == "intValue" else content
    return {pair["key"]: plain(pair["value"]) for pair in pairs}


def _span(span, resource):
    status = span.get("status", {})
    return Span(
        span_id=span["spanId"], parent=span.get("parentSpanId", ""), name=span["name"],
        kind=KINDS[span["kind"]], status=STATUSES[status.get("code", 0)], message=status.get("message", ""),
        start=int(span["startTimeUnixNano"]), end=int(span["endTimeUnixNano"]),
        attributes=_attributes(span.get("attributes", [])),
        events={event["name"]: _attributes(event.get("attributes", [])) for event in span.get("events", [])},
        links=[(link["traceId"], link["spanId"]) for link in span.get("links", [])],
        resource=resource)


def to_tree(spans):
    """The roots of the trace, each with its "children", in the shape of the bridge's /debug/traces."""
    first = min((span.start for span in spans), default=0)
    nodes = {span.span_id: {"name": span.name, "service": span.service, "kind": span.kind, "children": [],
                            "startOffsetNs": span.start - first, "durationNs": span.end - span.start}
             for span in spans}
    roots = []
    for span in spans:
        (nodes[span.parent]["children"] if span.parent in nodes else roots).append(nodes[span.span_id])
    return roots


class Jaeger:
    def __init__(self, binary):
        self.binary = str(binary)
        self.process = None

    def __enter__(self):
        with contextlib.ExitStack() as undo:
            self._folder = pathlib.Path(tempfile.mkdtemp(prefix="jaeger-"))
            undo.callback(shutil.rmtree, self._folder, ignore_errors=True)
            ports = {}
            for name in PORTS:
                holder, ports[name] = reserve_port()
                undo.enter_context(holder)
            self._config = self._folder / "config.yaml"
            self._config.write_text(json.dumps(_config(ports)))
            self.otlp_grpc, self.otlp_http, self.query, _, self._health = (
                f"http://127.0.0.1:{ports[name]}" for name in PORTS)
            undo.callback(self.kill)
            self.start()
            self._undo = undo.pop_all()
        return self

    def __exit__(self, kind, error, trace):
        with self._undo:
            problem = self._stop()
            if problem and kind is None:
                raise RuntimeError(problem)

    def start(self):
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen([self.binary, f"--config={self._config}"], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True,
                                            preexec_fn=die_with_parent,
                                            env={**environment_without_telemetry(), **UNTRACED})
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Jaeger did not start; the end of its log:\n{self._log_end()}")
            time.sleep(POLL_SECONDS)

    def kill(self):
        """As a crash: SIGKILL. Its traces are gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def hang(self):
        """It keeps its connections and answers nothing, until `resume`."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self):
        self.process.send_signal(signal.SIGCONT)

    def _stop(self):
        if self.process.poll() is not None:
            return f"Jaeger had ended by itself with {self.process.returncode}:\n{self._log_end()}"
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            return f"Jaeger did not end within {STOP_SECONDS} s of SIGTERM:\n{self._log_end()}"
        return f"Jaeger ended with {code}:\n{self._log_end()}" if code else ""

    def _log_end(self):
        return (self._folder / "log").read_text(errors="replace")[-3000:] or "(empty)"

    def _is_healthy(self):
        try:
            with urllib.request.urlopen(f"{self._health}/status", timeout=5):
                return True
        except OSError:
            return False

    def get(self, path):
        """The JSON at a path of the query API, or None where Jaeger knows no such thing."""
        try:
            with urllib.request.urlopen(self.query + path, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise RuntimeError(f"Jaeger: {error.code} at {path}: {error.read(1000)!r}") from error

    def services(self):
        return set(self.get("/api/v3/services").get("services", []))

    def trace(self, trace_id):
        """All spans it has of a trace, oldest first, without remarks of its own."""
        answer = self.get(f"/api/v3/traces/{trace_id}?raw_traces=true")
        if answer is None:
            return []
        spans = []
        for group in answer["result"]["resourceSpans"]:
            resource = _attributes(group["resource"]["attributes"])
            spans += [_span(span, resource) for scope in group["scopeSpans"] for span in scope["spans"]]
        return sorted(spans, key=lambda span: span.start)

    def wait_for_trace(self, trace_id, whole, seconds=15):
        """The trace once it is `whole`."""
        deadline = time.monotonic() + seconds
        while not whole(spans := self.trace(trace_id)):
            if time.monotonic() > deadline:
                seen = "\n".join(f"   {span.service:<16} {span.kind:<7} {span.name}" for span in spans) or "   nothing"
                raise RuntimeError(f"after {seconds} s trace {trace_id} was not whole at Jaeger; it has\n{seen}")
            time.sleep(POLL_SECONDS)
        return spans


def _config(ports):
    """What Jaeger's own all-in-one configuration has, without the receivers of other formats. Spans are stored
    as they come, so that one that was accepted can be read back. JSON is YAML."""
    at = {name: {"endpoint": f"127.0.0.1:{port}"} for name, port in ports.items()}
    return {
        "service": {
            "extensions": ["jaeger_storage", "jaeger_query", "healthcheckv2"],
            "pipelines": {"traces": {"receivers": ["otlp"], "exporters": ["jaeger_storage_exporter"]}},
            "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "info"}},
        },
        "extensions": {
            "healthcheckv2": {"use_v2": True, "http": at["health"]},
            "jaeger_storage": {"backends": {"memory": {"memory": {"max_traces": 10_000}}}},
            "jaeger_query": {"storage": {"traces": "memory"}, "http": at["query"], "grpc": at["query_grpc"]},
        },
        "receivers": {"otlp": {"protocols": {"grpc": at["otlp_grpc"], "http": at["otlp_http"]}}},
        "exporters": {"jaeger_storage_exporter": {"trace_storage": "memory"}},
    }
