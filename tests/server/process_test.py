import os
import signal
import subprocess
import threading
import unittest

import grpc
from grpc import StatusCode

import rpc
import shop
from shop import CATALOG, ORDERS


class EndTest(shop.ShopTest):
    def test_signals_end_it_well(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            for name in ("shop-catalog", "shop-payments", "shop-orders"):
                with self.subTest(f"{name} {number.name}"):
                    self.assertEqual(shop.Process(name).stop(number), 0)

    def test_calls_in_flight_finish(self):
        process = shop.Process("shop-catalog")
        client = rpc.Client(shop.SCHEMA, process.target)
        self.addCleanup(client.close)
        answers, sent = [], []
        answered = threading.Event()

        def count():
            yield {"warehouseId": "ber", "productId": "prod-1001", "counted": 1}
            # A call that no thread of the server has yet is refused.
            answered.wait(timeout=30)
            process.process.send_signal(signal.SIGTERM)
            while not self.refuses(process.target):
                pass
            sent.append(True)
            yield {"warehouseId": "ber", "productId": "prod-1001", "counted": 2}

        for answer in client.call(CATALOG + "SyncInventory", count()):
            answers.append(answer.recorded)
            answered.set()
        self.assertEqual((answers, sent), ([1, 2], [True]))
        self.assertEqual(process.process.wait(timeout=30), 0)
        process.process.stdout.close()

    def refuses(self, target):
        """True once the server takes no new connections."""
        channel = grpc.insecure_channel(target, options=(("grpc.use_local_subchannel_pool", 1),))
        try:
            method = channel.unary_unary("/shop.catalog.v1.CatalogService/GetProduct")
            method(b"", timeout=5)
        except grpc.RpcError as error:
            return error.code() == StatusCode.UNAVAILABLE
        finally:
            channel.close()
        return False

    def test_watchers_are_told(self):
        own = shop.Shop()
        order = own.create_order()
        events = own.orders.call(ORDERS + "WatchOrder", {"orderId": order.order_id})
        self.assertEqual(next(events).state, 1)
        own.orders_process.process.send_signal(signal.SIGTERM)
        failure = self.fails(StatusCode.UNAVAILABLE, lambda: next(events))
        self.assertEqual(failure.details["RetryInfo"].retry_delay.seconds, 1)
        own.stop()

    def test_running_export_does_not_hold_it_up(self):
        own = shop.Shop(export_ms=60_000)
        own.orders.call(ORDERS + "ExportOrders")
        own.stop()


class StartTest(shop.ShopTest):
    def run_binary(self, name, *flags):
        return subprocess.run(
            [os.path.join(shop.BIN, name), *flags], capture_output=True, text=True, timeout=30
        )

    def test_port_in_use(self):
        target = self.shop.catalog_process.target
        result = self.run_binary("shop-payments", "--listen", target)
        self.assertEqual(result.returncode, 1)
        self.assertIn(target, result.stderr)
        self.assertEqual(result.stdout, "")

    def test_bad_flag(self):
        result = self.run_binary("shop-orders", "--step-ms", "0")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("--step-ms", result.stderr)

    def test_peers_that_cannot_be_reached(self):
        dead = shop.Process("shop-catalog")
        dead.stop()
        orders = shop.Process("shop-orders", "--catalog", dead.target)
        client = rpc.Client(shop.SCHEMA, orders.target)
        request = {
            "customerId": "cust-1",
            "lines": [{"productId": "prod-1005", "quantity": 1}],
            "shippingAddress": shop.ADDRESS,
            "paymentMethod": shop.GOOD_CARD,
        }
        failure = self.fails(
            StatusCode.UNAVAILABLE, lambda: client.call(ORDERS + "CreateOrder", request)
        )
        self.assertIn("catalog service cannot be reached", failure.message)
        self.assertEqual(failure.details["RetryInfo"].retry_delay.seconds, 1)
        client.close()
        self.assertEqual(orders.stop(), 0)


if __name__ == "__main__":
    unittest.main()
