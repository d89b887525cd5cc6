"""The three processes of the shop on free ports, and what the tests need to talk to them."""

import os
import signal
import subprocess
import unittest

import grpc

import rpc

BIN = os.environ["SHOP_BIN"]
SCHEMA = rpc.Schema(os.environ["SHOP_BINPB"])
# error_details.proto, which the shop's files do not import, and gRPC's reflection and health.
TOOLS = rpc.Schema(os.environ["TOOLS_BINPB"])
rpc.load_error_details(TOOLS)

CATALOG = "shop.catalog.v1.CatalogService/"
ORDERS = "shop.orders.v1.OrderService/"
PAYMENTS = "shop.payments.v1.PaymentService/"
LOYALTY = "shop.loyalty.v1.LoyaltyService/"
SHIPPING = "shop.shipping.v1.ShippingService/"
OPERATIONS = "google.longrunning.Operations/"

GOOD_CARD = {"card": {"number": "4242424242424242", "expiryMonth": 12, "expiryYear": 2099}}
ADDRESS = {
    "recipient": "Maria Gruber",
    "lines": ["Neubaugasse 7/12"],
    "postalCode": "1070",
    "city": "Wien",
    "countryCode": "AT",
}
# Longer than any test: an order stays where it is.
NEVER_MS = 3_600_000


class Process:
    """One of the binaries, ready to serve."""

    def __init__(self, name, *flags, environment=None):
        self.process = subprocess.Popen(
            [os.path.join(BIN, name), "--listen", "127.0.0.1:0", *flags],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **(environment or {})},
        )
        line = self.process.stdout.readline()
        if not line.startswith("ready grpc="):
            self.stop(signal.SIGKILL)
            raise RuntimeError(f"{name} is not ready: {line!r}")
        self.target = line.strip().removeprefix("ready grpc=")

    def stop(self, number=signal.SIGTERM):
        """Its exit status."""
        self.process.send_signal(number)
        status = self.process.wait(timeout=30)
        self.process.stdout.close()
        return status


class Shop:
    """All three, each with a client."""

    def __init__(self, step_ms=NEVER_MS, export_ms=1, environment=None):
        self.catalog_process = Process("shop-catalog", environment=environment)
        self.payments_process = Process("shop-payments", environment=environment)
        self.orders_process = Process(
            "shop-orders",
            *("--catalog", self.catalog_process.target),
            *("--payments", self.payments_process.target),
            *("--step-ms", str(step_ms)),
            *("--export-ms", str(export_ms)),
            environment=environment,
        )
        self.catalog = rpc.Client(SCHEMA, self.catalog_process.target)
        self.payments = rpc.Client(SCHEMA, self.payments_process.target)
        self.orders = rpc.Client(SCHEMA, self.orders_process.target)

    def stop(self):
        """All must end with 0, as they do not if a sanitizer has found something."""
        for client in (self.orders, self.catalog, self.payments):
            client.close()
        processes = (self.orders_process, self.payments_process, self.catalog_process)
        statuses = [process.stop() for process in processes]
        if any(statuses):
            raise AssertionError(f"exit statuses of orders, payments, catalog: {statuses}")

    def create_order(self, metadata=None, **request):
        """Places an order of one keyboard, unless `request` says otherwise."""
        return self.orders.call(
            ORDERS + "CreateOrder",
            {
                "customerId": "cust-1",
                "lines": [{"productId": "prod-1005", "quantity": 1}],
                "shippingAddress": ADDRESS,
                "paymentMethod": GOOD_CARD,
                **request,
            },
            metadata=metadata,
        )

    def stock(self, product_id):
        """The stock of a product by warehouse, as (available, reserved)."""
        product = self.catalog.call(CATALOG + "GetProduct", {"productId": product_id})
        return {name: (level.available, level.reserved) for name, level in product.stock.items()}


class ShopTest(unittest.TestCase):
    """Has a shop of its own, `self.shop`, made with OPTIONS."""

    OPTIONS = {}

    @classmethod
    def setUpClass(cls):
        cls.shop = Shop(**cls.OPTIONS)

    @classmethod
    def tearDownClass(cls):
        cls.shop.stop()

    def fails(self, code, call):
        """`call` must fail with `code`; gives what the error says."""
        with self.assertRaises(grpc.RpcError) as caught:
            call()
        failure = rpc.Failure(TOOLS, caught.exception)
        self.assertEqual(failure.code, code, failure.message)
        return failure
