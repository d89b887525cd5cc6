import json
import unittest

from grpc import StatusCode

import shop
from shop import OPERATIONS, ORDERS

CANCELLED = 1


class OperationsTest(shop.ShopTest):
    def export(self, **request):
        return self.shop.orders.call(ORDERS + "ExportOrders", request)

    def on(self, method, operation, **request):
        return self.shop.orders.call(OPERATIONS + method, {"name": operation.name, **request})

    def finished(self, operation):
        done = self.on("WaitOperation", operation)
        self.assertTrue(done.done)
        self.assertEqual(self.on("GetOperation", operation), done)
        return done


class ExportTest(OperationsTest):
    def test_csv(self):
        self.shop.create_order(customerId='Miller, "Joe"')
        started = self.export(filter={"placedAfter": "2026-02-04T00:00:00Z"})
        self.assertRegex(started.name, "^operations/export-[0-9]+$")
        self.assertEqual(shop.SCHEMA.unpack(started.metadata).total_orders, 3)
        done = self.finished(started)
        result = shop.SCHEMA.unpack(done.response)
        self.assertEqual((result.media_type, result.exported_orders), ("text/csv", 3))
        self.assertEqual(shop.SCHEMA.unpack(done.metadata).exported_orders, 3)
        lines = result.content.decode().split("\r\n")
        self.assertEqual(lines[0], "order_id,customer_id,state,total_minor,create_time")
        self.assertIn('order-6,"Miller, ""Joe""",ORDER_STATE_PLACED,11900,', lines[1])
        self.assertEqual(
            lines[2], "order-5,cust-12,ORDER_STATE_DELIVERED,11900,2026-02-05T10:00:00Z"
        )
        self.assertEqual(lines[4:], [""])

    def test_json_lines(self):
        done = self.finished(self.export(filter={"customerId": "cust-7"}, format="JSON_LINES"))
        rows = shop.SCHEMA.unpack(done.response).content.decode().splitlines()
        self.assertEqual([json.loads(row)["orderId"] for row in rows], ["order-2", "order-1"])

    def test_list_and_delete(self):
        made = [self.export() for _ in range(3)]
        for operation in made:
            self.finished(operation)
        names, token = [], ""
        while True:
            page = self.shop.orders.call(
                OPERATIONS + "ListOperations",
                {"name": "operations", "filter": "done=true", "pageSize": 1, "pageToken": token},
            )
            names += [operation.name for operation in page.operations]
            token = page.next_page_token
            if not token:
                break
        self.assertEqual(names[-3:], [operation.name for operation in made])
        self.on("DeleteOperation", made[0])
        for method in ("GetOperation", "DeleteOperation", "CancelOperation", "WaitOperation"):
            self.fails(StatusCode.NOT_FOUND, lambda: self.on(method, made[0]))
        failure = self.fails(
            StatusCode.INVALID_ARGUMENT,
            lambda: self.shop.orders.call(OPERATIONS + "ListOperations", {"filter": "done"}),
        )
        self.assertEqual(failure.fields(), ["filter"])


class RunningTest(OperationsTest):
    OPTIONS = {"export_ms": 60_000}

    def test_cancel(self):
        running = self.export()
        waited = self.on("WaitOperation", running, timeout="0.05s")
        self.assertFalse(waited.done)
        failure = self.fails(
            StatusCode.FAILED_PRECONDITION, lambda: self.on("DeleteOperation", running)
        )
        self.assertEqual(failure.details["ErrorInfo"].reason, "OPERATION_RUNNING")
        self.on("CancelOperation", running)
        done = self.finished(running)
        self.assertEqual(done.error.code, CANCELLED)
        self.assertFalse(done.HasField("response"))

    def test_too_many(self):
        running = [self.export() for _ in range(4)]
        failure = self.fails(StatusCode.RESOURCE_EXHAUSTED, self.export)
        self.assertEqual(failure.details["QuotaFailure"].violations[0].subject, "operations")
        for operation in running:
            self.on("CancelOperation", operation)
            self.finished(operation)


if __name__ == "__main__":
    unittest.main()
