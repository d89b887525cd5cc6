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


def say_json(mark, value):
    for number, line in enumerate(json.dumps(value, indent=2, ensure_ascii=False).splitlines()):
        say(f"   {mark if number == 0 else '  '} {line}")


def call(shop, era, tool, arguments):
    """One tool call by an official client; shows it and returns its trace id."""
    done = subprocess.run(["node", CALL, era, shop.mcp_url, shop.admin_url, tool, json.dumps(arguments)],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    if done.returncode:
        raise RuntimeError(f"the {era} client failed:\n{done.stderr}")
    seen = json.loads(done.stdout)
    say(f"   {seen['library']}, protocol {seen['version']}, {len(seen['tools'])} tools")
    say_json("->", {"name": tool, "arguments": arguments})
    if seen["result"].get("isError"):
        raise RuntimeError(f"the tool failed: {seen['result']['content']}")
    say_json("<-", seen["result"]["structuredContent"])
    return seen["traceId"]


def fetch_trace(shop, trace_id, services):
    """The spans of a trace, once all `services` have reported."""
    deadline = time.monotonic() + TRACE_SECONDS
    spans = []
    while time.monotonic() < deadline:
        request = urllib.request.Request(f"{shop.admin_url}/debug/traces/{trace_id}", headers={"Accept": "application/json"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            spans = json.load(answer)["spans"]
        if services <= {span["service"] for span in spans}:
            return spans
        time.sleep(0.1)
    raise RuntimeError(f"after {TRACE_SECONDS} s only these services had reported: {sorted({s['service'] for s in spans})}")


def say_tree(spans):
    by_id = {span["spanId"]: span for span in spans}
    children = {}
    for span in sorted(spans, key=lambda each: each["startUnixNano"]):
        parent = span.get("parentSpanId") if span.get("parentSpanId") in by_id else None
        children.setdefault(parent, []).append(span)
    rows = []

    def walk(span, indent, branch):
        milliseconds = (int(span["endUnixNano"]) - int(span["startUnixNano"])) / 1e6
        rows.append((f"{indent}{branch}{span['name']}", span["service"], f"{milliseconds:.2f} ms"))
        below = children.get(span["spanId"], [])
        deeper = indent + {"": "", "├─ ": "│  ", "└─ ": "   "}[branch]
        for number, child in enumerate(below, 1):
            walk(child, deeper, "└─ " if number == len(below) else "├─ ")

    for root in children.get(None, []):
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
