import secrets
import unittest

import grpc

import otlp
import rpc
import shop
from shop import CATALOG, GOOD_CARD, ORDERS, PAYMENTS

CREATE = "shop.orders.v1.OrderService/CreateOrder"
# What one CreateOrder calls, in this order.
CALLS = [
    ("shop-catalog", CATALOG + "BatchGetProducts"),
    ("shop-catalog", CATALOG + "ReserveStock"),
    ("shop-payments", PAYMENTS + "AuthorizePayment"),
    ("shop-catalog", CATALOG + "CommitReservation"),
]


class TracingTest(unittest.TestCase):
    STEP_MS = shop.NEVER_MS
    ENVIRONMENT = {}

    @classmethod
    def setUpClass(cls):
        cls.receiver = otlp.Receiver()
        cls.shop = shop.Shop(
            step_ms=cls.STEP_MS,
            environment={
                "OTEL_TRACES_EXPORTER": "otlp",
                "OTEL_EXPORTER_OTLP_ENDPOINT": cls.receiver.endpoint,
                "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
                "OTEL_BSP_SCHEDULE_DELAY": "20",
                **cls.ENVIRONMENT,
            },
        )

    @classmethod
    def tearDownClass(cls):
        cls.shop.stop()
        cls.receiver.close()

    def new_trace(self, sampled=True):
        """The id of a trace, the id of the caller's span in it, and the metadata to send."""
        trace_id, span_id = secrets.token_hex(16), secrets.token_hex(8)
        traceparent = f"00-{trace_id}-{span_id}-{'01' if sampled else '00'}"
        metadata = (("traceparent", traceparent), ("tracestate", "congo=t61rcWkgMzE"))
        return trace_id, span_id, metadata


class OneCallTest(TracingTest):
    def test_trace_crosses_three_services(self):
        trace_id, caller, metadata = self.new_trace()
        self.shop.create_order(metadata=metadata)
        spans = self.receiver.wait(trace_id, lambda spans: len(spans) == 1 + 2 * len(CALLS))
        by_id = {span.span_id: span for span in spans}
        self.assertEqual({span.service for span in spans},
                         {"shop-orders", "shop-catalog", "shop-payments"})
        (root,) = [span for span in spans if span.parent == caller]
        self.assertEqual((root.service, root.kind, root.name), ("shop-orders", "server", CREATE))
        clients = [span for span in spans if span.kind == "client"]
        self.assertEqual({(span.service, span.parent) for span in clients},
                         {("shop-orders", root.span_id)})
        servers = [span for span in spans if span.kind == "server" and span is not root]
        self.assertEqual(sorted((span.service, span.name) for span in servers), sorted(CALLS))
        for span in servers:
            parent = by_id[span.parent]
            self.assertEqual((parent.kind, parent.name), ("client", span.name))
        for span in spans:
            self.assertEqual(span.trace_state, "congo=t61rcWkgMzE")
            self.assertEqual(span.attributes["rpc.system.name"], "grpc")
            self.assertEqual(span.attributes["rpc.method"], span.name)
            self.assertEqual(span.attributes["rpc.status_code"], "OK")
            self.assertFalse(span.error)
        payments = [span for span in clients if "Payment" in span.name][0]
        host, port = self.shop.payments_process.target.split(":")
        self.assertEqual(
            (payments.attributes["server.address"], payments.attributes["server.port"]),
            (host, int(port)),
        )

    def test_error_of_the_caller_is_no_error_of_the_server(self):
        trace_id, _, metadata = self.new_trace()
        declined = {"card": {**GOOD_CARD["card"], "number": "4000000000000002"}}
        with self.assertRaises(grpc.RpcError):
            self.shop.create_order(metadata=metadata, paymentMethod=declined)
        # The reservation is given back in the same trace.
        release = CATALOG + "ReleaseReservation"
        spans = self.receiver.wait(
            trace_id, lambda spans: len(spans) == 9 and release in {span.name for span in spans}
        )
        kinds = {
            span.kind: span for span in spans if span.name == PAYMENTS + "AuthorizePayment"
        }
        self.assertTrue(kinds["client"].error)
        self.assertEqual(kinds["client"].attributes["error.type"], "FAILED_PRECONDITION")
        self.assertFalse(kinds["server"].error)
        self.assertNotIn("error.type", kinds["server"].attributes)

    def test_error_of_the_server(self):
        trace_id, _, metadata = self.new_trace()
        busy = {"card": {**GOOD_CARD["card"], "number": "4000000000000119"}}
        with self.assertRaises(grpc.RpcError):
            self.shop.create_order(metadata=metadata, paymentMethod=busy)
        spans = self.receiver.wait(trace_id, lambda spans: len(spans) == 9)
        (root,) = [span for span in spans if span.name == CREATE]
        self.assertTrue(root.error)
        self.assertEqual(root.attributes["rpc.status_code"], "UNAVAILABLE")

    def test_streams_are_one_span(self):
        trace_id, caller, metadata = self.new_trace()
        list(self.shop.orders.call(ORDERS + "WatchOrder", {"orderId": "order-1"}, metadata))
        list(self.shop.orders.call(ORDERS + "SupportChat", [{"text": "hello"}], metadata))
        spans = self.receiver.wait(trace_id, lambda spans: len(spans) == 2)
        self.assertEqual({span.parent for span in spans}, {caller})

    def test_a_stream_ends_with_its_client(self):
        """The span tells when the service has noticed: the order would never change again."""
        order = self.shop.create_order()
        trace_id, caller, metadata = self.new_trace()
        watch = self.shop.orders.call(ORDERS + "WatchOrder", {"orderId": order.order_id}, metadata)
        self.assertEqual(next(watch).sequence, 1)
        watch.cancel()
        (span,) = self.receiver.wait(trace_id, lambda spans: len(spans) == 1)
        self.assertEqual((span.name, span.parent), (ORDERS + "WatchOrder", caller))
        self.assertEqual(span.attributes["rpc.status_code"], "CANCELLED")
        self.assertFalse(span.error)

    def test_not_sampled_is_not_sent(self):
        dropped, _, metadata = self.new_trace(sampled=False)
        self.shop.create_order(metadata=metadata)
        later, _, metadata = self.new_trace()
        self.shop.create_order(metadata=metadata)
        self.receiver.wait(later, lambda spans: len(spans) == 9)
        self.assertNotIn(dropped, {span.trace_id for span in self.receiver.all()})

    def test_bad_traceparent_starts_a_new_trace(self):
        before = {span.trace_id for span in self.receiver.all()}
        trace_id, _, metadata = self.new_trace()
        self.shop.catalog.call(
            CATALOG + "ListCategories", {"maxDepth": 1},
            metadata=(("traceparent", f"00-{trace_id.upper()}-00"),),
        )
        later, _, metadata = self.new_trace()
        self.shop.catalog.call(CATALOG + "ListCategories", metadata=metadata)
        self.receiver.wait(later, lambda spans: len(spans) == 1)
        roots = [
            span
            for span in self.receiver.all()
            if span.trace_id not in before and span.name.endswith("ListCategories")
        ]
        self.assertEqual([span.parent for span in roots if span.trace_id != later], [""])

    def test_health_is_not_traced(self):
        trace_id, _, metadata = self.new_trace()
        client = rpc.Client(shop.TOOLS, self.shop.catalog_process.target)
        self.addCleanup(client.close)
        client.call("grpc.health.v1.Health/Check", metadata=metadata)
        self.shop.catalog.call(CATALOG + "ListCategories", metadata=metadata)
        spans = self.receiver.wait(trace_id, lambda spans: len(spans) >= 1)
        self.assertEqual([span.name for span in spans], [CATALOG + "ListCategories"])


class FulfilmentTest(TracingTest):
    STEP_MS = 20
    ENVIRONMENT = {"OTEL_SERVICE_NAME": "renamed"}

    def test_capture_belongs_to_the_trace_of_the_order(self):
        trace_id, _, metadata = self.new_trace()
        order = self.shop.create_order(metadata=metadata)
        list(self.shop.orders.call(ORDERS + "WatchOrder", {"orderId": order.order_id}))
        capture = PAYMENTS + "CapturePayment"
        spans = self.receiver.wait(
            trace_id, lambda spans: [span.name for span in spans].count(capture) == 2
        )
        (root,) = [span for span in spans if span.name == CREATE]
        (client,) = [span for span in spans if span.name == capture and span.kind == "client"]
        self.assertEqual(client.parent, root.span_id)
        self.assertEqual({span.service for span in spans}, {"renamed"})


if __name__ == "__main__":
    unittest.main()
