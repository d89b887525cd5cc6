#!/usr/bin/env python3
"""jaeger_test.py BIN_FOLDER grpc|http/protobuf [TEST...]   the spans of the shop and the bridge in a real Jaeger ($JAEGER).

What Jaeger's query API gives back is what counts: the whole tree of each kind of call; and while Jaeger is away,
calls go on as if it were not."""
import contextlib
import http.client
import json
import os
import pathlib
import re
import secrets
import sys
import time
import unittest
import urllib.request
from urllib.parse import urlsplit

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))
from jaeger import Jaeger  # noqa: E402
from shop import Shop  # noqa: E402

BIN, PROTOCOL = sys.argv[1:3]
VERSION = "2026-07-28"
META = {"io.modelcontextprotocol/protocolVersion": VERSION, "io.modelcontextprotocol/clientCapabilities": {}}
ANSWER_SECONDS = 30
# Long enough for a client to go away before it, short enough to wait for it.
CALL_TIMEOUT_MS = 4000
# How long the exporter tries; a call that waited for it, even once, would take that long.
EXPORT_TIMEOUT_SECONDS = 2
RECOVERY_SECONDS = 30

PRODUCT = {"productId": "prod-1001"}
ORDER = {
    "customerId": "cust-7",
    "lines": [{"productId": "prod-1001", "quantity": 1}],
    "shippingAddress": {"recipient": "Ada Lovelace", "lines": ["Ringstrasse 1"], "postalCode": "1010",
                        "city": "Vienna", "countryCode": "AT"},
    "paymentMethod": {"card": {"number": "4242424242424242", "expiryMonth": 12, "expiryYear": 2099}},
}
CATALOG, ORDERS, PAYMENTS = "shop.catalog.v1.CatalogService/", "shop.orders.v1.OrderService/", \
    "shop.payments.v1.PaymentService/"
WAIT = "google.longrunning.Operations/WaitOperation"


class Like:
    """Equal to every text that the expression matches."""

    def __init__(self, expression):
        self.expression = expression

    def __eq__(self, other):
        return isinstance(other, str) and re.fullmatch(self.expression, other) is not None

    def __repr__(self):
        return f"Like({self.expression!r})"


UUID = Like("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
SDK = {"telemetry.sdk.name": "grpc-mcp-bridge", "telemetry.sdk.language": "cpp",
       "telemetry.sdk.version": Like(r"\d+\.\d+\.\d+")}


class Client:
    """Calls tools by revision 2026-07-28, each call as a part of a trace of its own."""

    def __init__(self, mcp_url):
        self.connection = http.client.HTTPConnection(urlsplit(mcp_url).netloc, timeout=ANSWER_SECONDS)

    def send(self, tool, arguments, carrier="_meta"):
        """Sends a call; returns the id of its trace, and of the span that it says it comes from."""
        trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
        context = {"traceparent": f"00-{trace_id}-{span_id}-01"}
        meta = {**META, **(context if carrier == "_meta" else {})}
        body = json.dumps({"jsonrpc": "2.0", "id": "call-1", "method": "tools/call",
                           "params": {"name": tool, "arguments": arguments, "_meta": meta}})
        self.connection.request("POST", "/mcp", body.encode(), {
            "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
            "User-Agent": "jaeger_test", "MCP-Protocol-Version": VERSION, "Mcp-Method": "tools/call",
            "Mcp-Name": tool, **(context if carrier == "header" else {})})
        return trace_id, span_id

    def receive(self):
        response = self.connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise AssertionError(f"{response.status} {text!r}")
        return json.loads(text)

    def call(self, tool, arguments, carrier="_meta"):
        """(trace id, span id, answer)"""
        return (*self.send(tool, arguments, carrier), self.receive())

    def close(self):
        self.connection.close()


def telemetry(jaeger, **more):
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": jaeger.otlp_grpc if PROTOCOL == "grpc" else jaeger.otlp_http,
            "OTEL_EXPORTER_OTLP_PROTOCOL": PROTOCOL,
            "OTEL_BSP_SCHEDULE_DELAY": "50", **more}


def to_rows(spans, parent):
    """What is below a span, as (service, kind, name, status, what is below)."""
    return [(span.service, span.kind, span.name, span.status, to_rows(spans, span.span_id))
            for span in spans if span.parent == parent]


def called(service, method, below=(), status="unset", server_status="unset", caller="grpc-mcp-bridge"):
    """The two spans of a gRPC call."""
    return (caller, "client", method, status, [(service, "server", method, server_status, list(below))])


def bridged(name, below, status="unset"):
    """The two spans of a request whose trace context was in _meta."""
    return [("grpc-mcp-bridge", "server", "POST /mcp", "unset", []),
            ("grpc-mcp-bridge", "server", name, status, below)]


class Trees(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.jaeger = cls.enterClassContext(Jaeger(os.environ["JAEGER"]))
        cls.shop = cls.enterClassContext(Shop(
            BIN, bridge_options=["--call-timeout", f"{CALL_TIMEOUT_MS}ms"],
            # Neither an export nor a shipment goes on while we look.
            orders_options=["--export-ms", "60000", "--step-ms", "60000"],
            telemetry=telemetry(cls.jaeger, OTEL_RESOURCE_ATTRIBUTES="service.namespace=shop")))
        cls.client = cls.enterClassContext(contextlib.closing(Client(cls.shop.mcp_url)))

    def read(self, trace_id, span_id, rows):
        """The spans of the trace by (service, kind, name), once it is `rows`."""
        with contextlib.suppress(RuntimeError):
            self.jaeger.wait_for_trace(trace_id, lambda spans: to_rows(spans, span_id) == rows)
        spans = self.jaeger.trace(trace_id)
        self.assertEqual(to_rows(spans, span_id), rows)
        by_id = {span.span_id: span for span in spans}
        for span in spans:
            self.assertLessEqual(span.start, span.end)
            if parent := by_id.get(span.parent):
                self.assertLessEqual(parent.start, span.start, f"{span} began before {parent}")
        return {(span.service, span.kind, span.name): span for span in spans}

    def operation(self):
        """The name of a long-running operation that does not end."""
        _, _, answer = self.client.call("Order_ExportOrders", {})
        return answer["result"]["structuredContent"]["name"]

    HTTP = {"http.request.method": "POST", "http.route": "/mcp", "url.path": "/mcp", "url.scheme": "http",
            "network.protocol.version": "1.1", "network.peer.address": "127.0.0.1",
            "user_agent.original": "jaeger_test", "http.response.status_code": 200}

    @staticmethod
    def mcp(**more):
        return {"mcp.method.name": "tools/call", "gen_ai.operation.name": "execute_tool",
                "jsonrpc.request.id": "call-1", "mcp.protocol.version": VERSION, "network.transport": "tcp",
                "network.protocol.name": "http", "network.protocol.version": "1.1",
                **{name.replace("__", "."): value for name, value in more.items()}}

    def rpc(self, service, method, code):
        host, port = self.shop.services[service].split(":")
        error = {} if code == "OK" else {"error.type": code}
        return {"rpc.system.name": "grpc", "rpc.method": method, "rpc.status_code": code, "server.address": host,
                "server.port": int(port), "mcp_bridge.upstream": service,
                "mcp_bridge.deadline_ms": CALL_TIMEOUT_MS, **error}

    def test_success_through_all_services(self):
        trace_id, span_id, answer = self.client.call("Order_CreateOrder", ORDER)
        self.assertNotIn("isError", answer["result"])
        method, tool = ORDERS + "CreateOrder", "tools/call Order_CreateOrder"
        below = [called(service, each, caller="shop-orders") for service, each in [
            ("shop-catalog", CATALOG + "BatchGetProducts"), ("shop-catalog", CATALOG + "ReserveStock"),
            ("shop-payments", PAYMENTS + "AuthorizePayment"), ("shop-catalog", CATALOG + "CommitReservation")]]
        spans = self.read(trace_id, span_id, bridged(tool, [called("shop-orders", method, below)]))

        post = spans["grpc-mcp-bridge", "server", "POST /mcp"]
        port = self.client.connection.sock.getsockname()[1]
        self.assertEqual(post.attributes, {**self.HTTP, "network.peer.port": port})
        mcp = spans["grpc-mcp-bridge", "server", tool]
        self.assertEqual(mcp.attributes, self.mcp(gen_ai__tool__name="Order_CreateOrder"))
        self.assertEqual(mcp.links, [(trace_id, post.span_id)])
        self.assertEqual(list(mcp.events), ["arguments.decoded", "response.encoded"])
        self.assertGreater(mcp.events["response.encoded"]["bytes"], 100)
        rpc = spans["grpc-mcp-bridge", "client", method]
        self.assertEqual(rpc.attributes, {**self.rpc("shop-orders", method, "OK"),
                                          "network.peer.address": "127.0.0.1",
                                          "network.peer.port": int(self.shop.services["shop-orders"].split(":")[1])})
        for child, parent in [(mcp, post), (rpc, mcp), (spans["shop-orders", "server", method], rpc)]:
            self.assertLessEqual(parent.start, child.start)
            self.assertLessEqual(child.end, parent.end)
        for key in [("shop-orders", "client", PAYMENTS + "AuthorizePayment"),
                    ("shop-payments", "server", PAYMENTS + "AuthorizePayment")]:
            self.assertEqual(spans[key].attributes["rpc.status_code"], "OK")

    def test_who_reports_and_what_it_says_of_itself(self):
        trace_id, span_id, _ = self.client.call("Order_CreateOrder", ORDER)
        services = {"grpc-mcp-bridge", *self.shop.services}
        spans = self.jaeger.wait_for_trace(trace_id, lambda spans: services == {span.service for span in spans})
        self.assertLessEqual(services, self.jaeger.services())
        resources = {span.service: span.resource for span in spans}
        for service, resource in resources.items():
            version = {"service.version": Like(r"\d+\.\d+\.\d+")} if service == "grpc-mcp-bridge" else {}
            self.assertEqual(resource, {"service.name": service, "service.instance.id": UUID,
                                        "service.namespace": "shop", **SDK, **version})
        self.assertEqual(len({resource["service.instance.id"] for resource in resources.values()}), 4)

    def test_what_was_said_is_in_no_span(self):
        trace_id, _, _ = self.client.call("Order_CreateOrder", ORDER)
        self.jaeger.wait_for_trace(trace_id, lambda spans: len(spans) == 12)
        stored = json.dumps(self.jaeger.get(f"/api/v3/traces/{trace_id}"))
        for secret in ("Ada", "Ringstrasse", "4242424242424242", "cust-7"):
            self.assertNotIn(secret, stored)

    def test_trace_context_in_the_header(self):
        trace_id, span_id, _ = self.client.call("Catalog_GetProduct", PRODUCT, carrier="header")
        below = [called("shop-catalog", CATALOG + "GetProduct")]
        spans = self.read(trace_id, span_id, [
            ("grpc-mcp-bridge", "server", "POST /mcp", "unset",
             [("grpc-mcp-bridge", "server", "tools/call Catalog_GetProduct", "unset", below)])])
        self.assertEqual([span for span in spans.values() if span.links], [])

    def test_status_of_the_service(self):
        trace_id, span_id, answer = self.client.call("Catalog_GetProduct", {"productId": "prod-0"})
        self.assertIs(answer["result"]["isError"], True)
        method, tool = CATALOG + "GetProduct", "tools/call Catalog_GetProduct"
        # The caller's mistake is no error of the service.
        spans = self.read(trace_id, span_id, bridged(tool, [called("shop-catalog", method, status="error")], "error"))
        mcp = spans["grpc-mcp-bridge", "server", tool]
        self.assertEqual(mcp.message, "NOT_FOUND")
        self.assertEqual(mcp.attributes, self.mcp(gen_ai__tool__name="Catalog_GetProduct", error__type="tool_error"))
        rpc = spans["grpc-mcp-bridge", "client", method]
        self.assertEqual(rpc.message, "NOT_FOUND")
        self.assertLessEqual(self.rpc("shop-catalog", method, "NOT_FOUND").items(), rpc.attributes.items())
        self.assertEqual(spans["shop-catalog", "server", method].attributes["rpc.status_code"], "NOT_FOUND")

    def test_arguments_that_do_not_fit_reach_no_service(self):
        trace_id, span_id, answer = self.client.call("Catalog_GetProduct", {"productid": "prod-1001"})
        self.assertIs(answer["result"]["isError"], True)
        tool = "tools/call Catalog_GetProduct"
        spans = self.read(trace_id, span_id, bridged(tool, [], "error"))
        mcp = spans["grpc-mcp-bridge", "server", tool]
        self.assertEqual(mcp.attributes, self.mcp(gen_ai__tool__name="Catalog_GetProduct", error__type="tool_error"))

    def test_a_tool_that_does_not_exist_is_the_callers_fault(self):
        trace_id, span_id, answer = self.client.call("Catalog_NoSuchTool", {})
        self.assertEqual(answer["error"]["code"], -32602)
        spans = self.read(trace_id, span_id, bridged("tools/call", []))
        self.assertEqual(spans["grpc-mcp-bridge", "server", "tools/call"].attributes, {
            **self.mcp(mcp_bridge__tool__requested="Catalog_NoSuchTool"),
            "rpc.status_code": "-32602", "rpc.response.status_code": "-32602"})

    def test_deadline(self):
        trace_id, span_id, answer = self.client.call("Operations_WaitOperation", {"name": self.operation()})
        self.assertIs(answer["result"]["isError"], True)
        tool = "tools/call Operations_WaitOperation"
        spans = self.read(trace_id, span_id, bridged(tool, [called("shop-orders", WAIT, status="error")], "error"))
        rpc = spans["grpc-mcp-bridge", "client", WAIT]
        self.assertLessEqual(self.rpc("shop-orders", WAIT, "DEADLINE_EXCEEDED").items(), rpc.attributes.items())
        self.assertGreaterEqual(rpc.end - rpc.start, CALL_TIMEOUT_MS * 990_000)
        mcp = spans["grpc-mcp-bridge", "server", tool]
        self.assertEqual(mcp.message, "DEADLINE_EXCEEDED")
        self.assertEqual(mcp.attributes["error.type"], "tool_error")

    def test_client_that_goes_away(self):
        operation = self.operation()
        leaving = Client(self.shop.mcp_url)
        trace_id, span_id = leaving.send("Operations_WaitOperation", {"name": operation})
        # Answered after the first has left for the service: one thread serves them in order.
        self.client.call("Operations_GetOperation", {"name": operation})
        leaving.close()
        tool = "tools/call Operations_WaitOperation"
        spans = self.read(trace_id, span_id, bridged(tool, [called("shop-orders", WAIT, status="error")]))
        mcp = spans["grpc-mcp-bridge", "server", tool]
        self.assertIs(mcp.attributes["mcp_bridge.cancelled"], True)
        self.assertNotIn("error.type", mcp.attributes)
        rpc = spans["grpc-mcp-bridge", "client", WAIT]
        self.assertLessEqual(self.rpc("shop-orders", WAIT, "CANCELLED").items(), rpc.attributes.items())


class Away(unittest.TestCase):
    """Jaeger is not there, or does not answer: that costs spans, which are counted, and nothing else."""

    @classmethod
    def setUpClass(cls):
        cls.jaeger = cls.enterClassContext(Jaeger(os.environ["JAEGER"]))

    def start_shop(self):
        self.shop = self.enterContext(Shop(BIN, telemetry=telemetry(
            self.jaeger, OTEL_EXPORTER_OTLP_TIMEOUT=str(EXPORT_TIMEOUT_SECONDS * 1000),
            OTEL_EXPORTER_OTLP_COMPRESSION="gzip")))
        self.client = self.enterContext(contextlib.closing(Client(self.shop.mcp_url)))

    def call(self):
        """One call, which must succeed without waiting for an export; returns the id of its trace."""
        began = time.monotonic()
        trace_id, _, answer = self.client.call("Catalog_GetProduct", PRODUCT)
        self.assertLess(time.monotonic() - began, EXPORT_TIMEOUT_SECONDS)
        self.assertIn("structuredContent", answer.get("result", {}), answer)
        self.assertEqual(answer["result"]["structuredContent"]["productId"], "prod-1001")
        return trace_id

    def counter(self, name):
        with urllib.request.urlopen(f"{self.shop.admin_url}/metrics", timeout=10) as answer:
            return int(re.search(rf"^mcp_bridge_otel_spans_{name}_total (\d+)$", answer.read().decode(), re.M)[1])

    def call_until_spans_are_dropped(self):
        before = self.counter("dropped")
        deadline = time.monotonic() + RECOVERY_SECONDS
        while self.counter("dropped") == before:
            self.assertLess(time.monotonic(), deadline, "no span was counted as dropped")
            for _ in range(50):
                self.call()

    def call_until_spans_arrive(self):
        deadline = time.monotonic() + RECOVERY_SECONDS
        whole = {"grpc-mcp-bridge", "shop-catalog"}
        traces = []
        while not any({span.service for span in self.jaeger.trace(trace_id)} == whole for trace_id in traces[-8:]):
            self.assertLess(time.monotonic(), deadline, "no new span arrived")
            traces.append(self.call())
            time.sleep(0.1)

    def log(self, message):
        """How often the bridge has said so, when it has said it at all."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while not (count := self.log_count(message)) and time.monotonic() < deadline:
            time.sleep(0.1)
        return count

    def log_count(self, message):
        return (self.shop.logs / "grpc-mcp-bridge.log").read_text().count(f'"msg":"{message}"')

    def test_stopped_before_the_bridge_starts(self):
        self.jaeger.kill()
        self.start_shop()
        self.call_until_spans_are_dropped()
        self.assertEqual(self.counter("exported"), 0)
        self.assertEqual(self.log("spans could not be exported"), 1)
        self.jaeger.start()
        self.call_until_spans_arrive()
        self.assertGreater(self.counter("exported"), 0)
        self.assertEqual(self.log("spans are exported again"), 1)

    def test_killed_in_the_middle(self):
        self.start_shop()
        self.call_until_spans_arrive()
        self.jaeger.kill()
        self.call_until_spans_are_dropped()
        self.jaeger.start()
        self.call_until_spans_arrive()

    def test_hanging(self):
        self.start_shop()
        self.call_until_spans_arrive()
        self.jaeger.hang()
        try:
            self.call_until_spans_are_dropped()
        finally:
            self.jaeger.resume()
        self.call_until_spans_arrive()

    def test_hanging_at_the_end(self):
        self.start_shop()
        self.call_until_spans_arrive()
        self.jaeger.hang()
        self.addCleanup(self.jaeger.resume)
        self.call()
        self.shop.__exit__(None, None, None)  # complains of a program that has to be killed


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:], verbosity=2)
