"""The shop and the bridge with some traffic of every kind, and what /metrics then says."""
import contextlib
import http.client
import json
import pathlib
import re
import socket
import sys
import time
import urllib.request
from urllib.parse import urlsplit

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from shop import Shop  # noqa: E402

VERSION = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {}}
OPEN_METRICS = "application/openmetrics-text;version=1.0.0"
SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(?:\{(.*?)\})? (\S+)(?: # (.*))?$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
CALL_TIMEOUT_MS = 500


class Client:
    """Requests of revision 2026-07-28 over one connection."""

    def __init__(self, mcp_url):
        self.netloc = urlsplit(mcp_url).netloc
        self.connection = http.client.HTTPConnection(self.netloc, timeout=30)

    def request(self, method, params, trace=""):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}})
        headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                   "MCP-Protocol-Version": VERSION, "Mcp-Method": method}
        if "name" in params:
            headers["Mcp-Name"] = params["name"]
        if trace:
            headers["traceparent"] = f"00-{trace}-00f067aa0ba902b7-01"
        return body.encode(), headers

    def ask(self, method, trace="", **params):
        self.connection.request("POST", "/mcp", *self.request(method, params, trace))
        return json.loads(self.connection.getresponse().read())

    def call(self, tool, trace="", **arguments):
        return self.ask("tools/call", trace, name=tool, arguments=arguments)

    def leave(self, tool, **arguments):
        """Calls a tool and goes away before the answer."""
        body, headers = self.request("tools/call", {"name": tool, "arguments": arguments})
        host, port = self.netloc.split(":")
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        with socket.create_connection((host, int(port))) as leaving:
            leaving.sendall(f"POST /mcp HTTP/1.1\r\nHost: {self.netloc}\r\n{head}"
                            f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
            time.sleep(CALL_TIMEOUT_MS / 5000)

    def close(self):
        self.connection.close()


def traffic(shop):
    """Calls that end in each of the ways that make a label."""
    with contextlib.closing(Client(shop.mcp_url)) as client:
        assert "structuredContent" in client.call("Catalog_GetProduct", productId="prod-1001")["result"]
        assert client.call("Catalog_GetProduct", productId="prod-0")["result"]["isError"]
        assert client.call("Catalog_GetProduct", productid="prod-1001")["result"]["isError"]
        assert client.call("Catalog_NoSuchTool")["error"]["code"] == -32602
        assert client.ask("no/such/method")["error"]["code"] == -32601
        assert "tools" in client.ask("tools/list")["result"]
        operation = client.call("Order_ExportOrders")["result"]["structuredContent"]["name"]
        assert client.call("Operations_WaitOperation", name=operation)["result"]["isError"]
        client.leave("Operations_WaitOperation", name=operation)
    wait_for(shop, 'mcp_bridge_tool_calls_total{tool="Operations_WaitOperation",upstream="shop-orders",'
                   'outcome="cancelled"} 1')


def start_shop(bin_folder, *options):
    """Exports do not end while we look; calls that wait for one time out soon."""
    return Shop(bin_folder, bridge_options=["--call-timeout", f"{CALL_TIMEOUT_MS}ms", *options],
                orders_options=["--export-ms", "60000"])


def page(shop, accept=""):
    request = urllib.request.Request(f"{shop.admin_url}/metrics", headers={"Accept": accept} if accept else {})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def wait_for(shop, line, seconds=10):
    deadline = time.monotonic() + seconds
    while f"\n{line}\n" not in (text := page(shop)):
        if time.monotonic() > deadline:
            raise AssertionError(f"{line} did not come; there is\n{text}")
        time.sleep(0.05)


def families(text):
    """{family: (type, {labels of its samples})} of a page of the text format; `le` is no label of a histogram."""
    found, name = {}, None
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            found[name] = (kind, set())
        elif not line.startswith("#"):
            sample, labels, _, _ = SAMPLE.match(line).groups()
            if not re.fullmatch(rf"{name}(_bucket|_sum|_count)?", sample):
                raise AssertionError(f"{sample} stands among the samples of {name}")
            found[name][1].update(label for label, _ in LABEL.findall(labels or "") if label != "le")
    return found
