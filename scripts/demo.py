"""The demonstration behind scripts/demo: what the bridge does, in four steps."""
import json
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request

from shop import Shop

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


def call(shop, era, tool, arguments):
    """One tool call by an official client; shows it and returns its trace id."""
    done = subprocess.run(["node", CALL, era, shop.mcp_url, shop.admin_url, tool, json.dumps(arguments)],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode:
        raise RuntimeError(f"the {era} client failed:\n{done.stderr}")
    seen = json.loads(done.stdout)
    say(f"   {seen['library']}, protocol {seen['version']}, {len(seen['tools'])} tools")
    say(f"   -> {tool} {pretty(arguments, INDENT)}")
    if seen["result"].get("isError"):
        raise RuntimeError(f"the tool failed: {seen['result']['content']}")
    say(f"   <- {pretty(seen['result']['structuredContent'], INDENT)}")
    return seen["traceId"]


def fetch_trace(shop, trace_id, services):
    """The trace, once all `services` have reported and it is one tree."""
    request = urllib.request.Request(f"{shop.admin_url}/debug/traces/{trace_id}",
                                     headers={"Accept": "application/json"})
    deadline = time.monotonic() + TRACE_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(request, timeout=5) as answer:
            trace = json.load(answer)
        if services <= set(trace["services"]) and len(trace["spans"]) == 1:
            return trace
        time.sleep(0.1)
    raise RuntimeError(f"after {TRACE_SECONDS} s the trace was not whole; in it: {', '.join(trace['services'])}")


def say_tree(trace):
    rows = []

    def walk(span, indent, branch):
        rows.append((f"{indent}{branch}{span['name']}", span["service"], f"{span['durationNs'] / 1e6:.2f} ms"))
        deeper = indent + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
        below = sorted(span["children"], key=lambda each: each["startOffsetNs"])
        for child in below:
            walk(child, deeper, "└─ " if child is below[-1] else "├─ ")

    for root in trace["spans"]:
        walk(root, "", "")
    width = max(len(row[0]) for row in rows)
    for name, service, duration in rows:
        say(f"   {name:<{width}}  {service:<16} {duration:>10}")


def demonstrate(shop):
    say("1. Three gRPC services that know nothing of MCP, and the bridge in front of them")
    for name, address in shop.services.items():
        say(f"   {name:<16} {address}")
    say(f"   {'grpc-mcp-bridge':<16} {shop.mcp_url}  ({shop.tools} tools, learned by server reflection)")
    say("\n2. A client of the generation in use everywhere calls a tool")
    call(shop, "legacy", "Catalog_GetProduct", PRODUCT)
    say("\n3. A client of the newest generation calls another, through all three services")
    trace_id = call(shop, "modern", "Order_CreateOrder", ORDER)
    say(f"\n4. That call as one trace ({trace_id})")
    say_tree(fetch_trace(shop, trace_id, {"shop-agent", "grpc-mcp-bridge", *shop.services}))
    say("\nOpen")
    say(f"   {shop.admin_url}/debug/traces/{trace_id}   this trace")
    say(f"   {shop.admin_url}/debug/traces   all recent ones")
    say("Connect a client of your own")
    say(f"   claude mcp add --transport http shop {shop.mcp_url}")
    say(f"   npx @modelcontextprotocol/inspector --cli {shop.mcp_url} --method tools/list")


def interrupt(_signal, _frame):
    raise KeyboardInterrupt


def main():
    # Set here too because a shell starts background jobs with SIGINT ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    try:
        with Shop(ROOT / "build/release/bin") as shop:
            demonstrate(shop)
            if "--once" in sys.argv[1:]:
                return
            say("\nAll of it stays up until Ctrl-C.")
            try:
                signal.pause()
            except KeyboardInterrupt:
                say("\nEnding all of it.")
    except KeyboardInterrupt:
        sys.exit(130)
    except RuntimeError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
