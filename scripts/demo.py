"""The demonstration behind scripts/demo: what the bridge does, in six steps."""
import argparse
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

from jaeger import Jaeger, to_tree
from shop import Shop, environment_without_telemetry

ROOT = pathlib.Path(__file__).resolve().parent.parent
CALL = ROOT / "tests/interop/call.mjs"
TRACE_SECONDS = 10
JSON_COLUMNS = 90
INDENT = " " * 6
PRODUCT = {"productId": "prod-1001", "readMask": "productId,title,price"}
ORDER = {
    "customerId": "cust-7",
    "lines": [{"productId": "prod-1001", "quantity": 1}],
    "shippingAddress": {"recipient": "Ada Lovelace", "lines": ["Ringstrasse 1"], "postalCode": "1010",
                        "city": "Vienna", "countryCode": "AT"},
    "paymentMethod": {"voucher": {"code": "GIFT-1000"}},
}


def say(text=""):
    print(text, flush=True)


def pretty(value, indent=""):
    """JSON for people: what fits stands on one line."""
    line = json.dumps(value, ensure_ascii=False)
    if len(indent) + len(line) < JSON_COLUMNS or not isinstance(value, (dict, list)) or not value:
        return line
    deeper = indent + "  "
    if isinstance(value, dict):
        members = [f"{json.dumps(key)}: {pretty(each, deeper)}" for key, each in value.items()]
    else:
        members = [pretty(each, deeper) for each in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return opening + ",".join(f"\n{deeper}{member}" for member in members) + f"\n{indent}{closing}"


def prepare(jaeger):
    """Installs and builds what is needed, and takes over the environment in which it is found."""
    script = '{ source "$0"; "$1"; build_product; } >&2; env -0'
    tools = "use_jaeger" if jaeger else "use_tools"
    # A session of its own: whatever it has started by then ends with it.
    with subprocess.Popen(["bash", "-c", script, ROOT / "scripts/lib.sh", tools], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, text=True, start_new_session=True) as builder:
        try:
            environment = builder.stdout.read()
        except KeyboardInterrupt:
            os.killpg(builder.pid, signal.SIGTERM)
            raise
    if builder.returncode:
        sys.exit(builder.returncode)  # it has said why
    os.environ.update(variable.split("=", 1) for variable in environment.split("\0") if variable)


def cut(text):
    return text if len(text) <= JSON_COLUMNS else text[:JSON_COLUMNS - 1] + "…"


def call(shop, era, tool, arguments):
    """One tool call by an official client; shows it and its progress as it comes. Returns its answer and trace id."""
    with subprocess.Popen(["node", CALL, era, shop.mcp_url, tool, json.dumps(arguments)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**environment_without_telemetry(), **shop.telemetry}) as client:
        seen = {}
        for line in client.stdout:
            seen = json.loads(line)
            if "library" in seen:
                say(f"   {seen['library']}, protocol {seen['version']}, {seen['tools']} tools")
                say(f"   -> {tool} {pretty(arguments, INDENT)}")
            elif "progress" in seen:
                say(f"   .. {seen['progress']}: {cut(seen.get('message', ''))}")
        errors = client.stderr.read()
    if client.returncode:
        raise RuntimeError(f"the {era} client failed:\n{errors}")
    if seen["result"].get("isError"):
        raise RuntimeError(f"the tool failed: {seen['result']['content']}")
    answer = seen["result"]["structuredContent"]
    say(f"   <- {pretty(answer, INDENT)}")
    return answer, seen["traceId"]


def telemetry_for(jaeger):
    """Where all spans go, as OTEL_* variables; None: to the bridge itself."""
    if jaeger is not None:
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": jaeger.otlp_http, "OTEL_BSP_SCHEDULE_DELAY": "100"}
    if os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"):
        return {name: value for name, value in os.environ.items() if name.startswith("OTEL_")}
    return None


def is_answered(span):
    """Whether the other end of each call in it has reported."""
    return (span["kind"] != "client" or span["children"]) and all(map(is_answered, span["children"]))


def is_whole(roots):
    return len(roots) == 1 and is_answered(roots[0])


def fetch_trace(shop, trace_id, whole):
    """The spans that the bridge has of a trace, as trees, once they are `whole`."""
    request = urllib.request.Request(f"{shop.admin_url}/debug/traces/{trace_id}",
                                     headers={"Accept": "application/json"})
    deadline = time.monotonic() + TRACE_SECONDS
    seen = "nothing"
    while time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=5) as answer:
            trace = json.load(answer)
            if whole(trace["spans"]):
                return trace["spans"]
            seen = ", ".join(trace["services"])
        time.sleep(0.1)
    raise RuntimeError(f"after {TRACE_SECONDS} s the trace was not whole; in it: {seen}")


def show_trace(shop, jaeger, title, trace_id):
    endpoint = shop.telemetry["OTEL_EXPORTER_OTLP_ENDPOINT"]
    if jaeger is not None:
        spans = jaeger.wait_for_trace(trace_id, lambda spans: is_whole(to_tree(spans)))
        say(f"\n{title} as one trace, read back from Jaeger ({trace_id})")
        say_tree(to_tree(spans))
    elif endpoint == shop.admin_url:
        say(f"\n{title} as one trace ({trace_id})")
        say_tree(fetch_trace(shop, trace_id, is_whole))
    else:
        # POST /mcp and tools/call, both below the agent's span; only the collector has that.
        say(f"\n{title} as a trace: the bridge's part of it ({trace_id})")
        say_tree(fetch_trace(shop, trace_id, lambda roots: len(roots) == 2))


def show_addresses(shop, jaeger, trace_id):
    here = f"{shop.admin_url}/debug/traces"
    endpoint = shop.telemetry["OTEL_EXPORTER_OTLP_ENDPOINT"]
    if jaeger is not None:
        say("\nOpen")
        say(f"   {jaeger.query}/api/v3/traces/{trace_id}   the last trace")
        say(f"   {jaeger.query}/api/v3/services   who has reported")
        say("   This Jaeger is built from its Go module, which has the API but not the page: docs/tracing.md")
    elif endpoint == shop.admin_url:
        say("\nOpen")
        say(f"   {here}/{trace_id}   the last trace")
        say(f"   {here}   all recent ones")
    else:
        say(f"\nThe whole of them went to OTEL_EXPORTER_OTLP_ENDPOINT={endpoint}")
        say("Open")
        say(f"   {here}/{trace_id}   the bridge's part of the last")


def say_tree(roots):
    rows = []

    def walk(span, indent, branch):
        rows.append((f"{indent}{branch}{span['name']}", span["service"], f"{span['durationNs'] / 1e6:.2f} ms"))
        deeper = indent + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
        below = sorted(span["children"], key=lambda each: each["startOffsetNs"])
        for child in below:
            walk(child, deeper, "└─ " if child is below[-1] else "├─ ")

    for root in roots:
        walk(root, "", "")
    width = max(len(row[0]) for row in rows)
    for name, service, duration in rows:
        say(f"   {name:<{width}}  {service:<16} {duration:>10}")


def demonstrate(shop, jaeger):
    say("1. Three gRPC services that know nothing of MCP, and the bridge in front of them")
    for name, address in shop.services.items():
        say(f"   {name:<16} {address}")
    say(f"   {'grpc-mcp-bridge':<16} {shop.mcp_url}  ({shop.tools} tools, learned by server reflection)")
    say("\n2. A client of the generation in use everywhere calls a tool")
    call(shop, "legacy", "Catalog_GetProduct", PRODUCT)
    say("\n3. A client of the newest generation calls another, through all three services")
    order, trace_id = call(shop, "modern", "Order_CreateOrder", ORDER)
    show_trace(shop, jaeger, "4. That call", trace_id)
    say("\n5. It follows the order until it is delivered: the method is a stream, and each message shows as it comes")
    _, trace_id = call(shop, "modern", "Order_WatchOrder", {"orderId": order["orderId"]})
    show_trace(shop, jaeger, "6. The stream", trace_id)
    show_addresses(shop, jaeger, trace_id)
    say("Connect a client of your own")
    say(f"   claude mcp add --transport http shop {shop.mcp_url}")
    say(f"   npx @modelcontextprotocol/inspector --cli {shop.mcp_url} --method tools/list")


def interrupt(_signal, _frame):
    raise KeyboardInterrupt


def main():
    options = argparse.ArgumentParser(prog="scripts/demo")
    options.add_argument("--jaeger", action="store_true", help="with a Jaeger, from which the trace is read back")
    options.add_argument("--once", action="store_true", help="end when all is shown")
    options = options.parse_args()
    # Set here too because a shell starts background jobs with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        prepare(options.jaeger)
        with contextlib.ExitStack() as running:
            jaeger = running.enter_context(Jaeger(os.environ["JAEGER"])) if options.jaeger else None
            shop = running.enter_context(Shop(
                ROOT / "build/release/bin", telemetry=telemetry_for(jaeger),
                bridge_options=["--descriptor-set", ROOT / "build/release/share/shop.binpb"]))
            demonstrate(shop, jaeger)
            if options.once:
                say("All of it ends now; scripts/demo without --once keeps it up.")
                return
            try:
                say("\nAll of it stays up until Ctrl-C.")
                signal.pause()
            except KeyboardInterrupt:
                say("\nEnding all of it.")
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
