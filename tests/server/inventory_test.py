import threading
import time
import unittest

from grpc import StatusCode

import shop
from shop import CATALOG


class InventoryTest(shop.ShopTest):
    def reserve(self, *items, **rest):
        return self.shop.catalog.call(
            CATALOG + "ReserveStock",
            {
                "items": [{"productId": name, "quantity": count} for name, count in items],
                **rest,
            },
        )

    def reservation_call(self, method, reservation):
        return self.shop.catalog.call(
            CATALOG + method, {"reservationId": reservation.reservation_id}
        )

    def test_hold_and_release(self):
        self.assertEqual(self.shop.stock("prod-1001"), {"ber": (12, 0), "vie": (30, 0)})
        held = self.reserve(("prod-1001", 15))
        self.assertEqual(held.state, 1)
        self.assertTrue(held.HasField("expire_time"))
        self.assertEqual(self.shop.stock("prod-1001"), {"ber": (0, 12), "vie": (27, 3)})
        for _ in range(2):
            released = self.reservation_call("ReleaseReservation", held)
            self.assertEqual(released.state, 3)
            self.assertEqual(self.shop.stock("prod-1001"), {"ber": (12, 0), "vie": (30, 0)})
        failure = self.fails(
            StatusCode.FAILED_PRECONDITION,
            lambda: self.reservation_call("CommitReservation", held),
        )
        self.assertEqual(failure.details["ErrorInfo"].reason, "RESERVATION_ENDED")

    def test_commit_and_return(self):
        held = self.reserve(("prod-1003", 1))
        for _ in range(2):
            committed = self.reservation_call("CommitReservation", held)
            self.assertEqual(committed.state, 2)
            self.assertFalse(committed.HasField("expire_time"))
            self.assertEqual(self.shop.stock("prod-1003"), {"ber": (3, 0)})
        self.reservation_call("ReleaseReservation", held)
        self.assertEqual(self.shop.stock("prod-1003"), {"ber": (4, 0)})

    def test_hold_expires(self):
        held = self.reserve(("prod-1009", 18), hold="1s")
        self.assertEqual(held.state, 1)
        end = time.monotonic() + 15
        while self.shop.stock("prod-1009") != {"ber": (18, 0)}:
            self.assertLess(time.monotonic(), end, "the hold does not expire")
        self.fails(
            StatusCode.FAILED_PRECONDITION,
            lambda: self.reservation_call("CommitReservation", held),
        )

    def test_out_of_stock_takes_nothing(self):
        failure = self.fails(
            StatusCode.FAILED_PRECONDITION,
            lambda: self.reserve(("prod-1007", 1), ("prod-1008", 16)),
        )
        error = failure.details["ErrorInfo"]
        self.assertEqual(error.reason, "OUT_OF_STOCK")
        self.assertEqual(
            dict(error.metadata),
            {"product_id": "prod-1008", "available": "15", "requested": "16"},
        )
        self.assertEqual(self.shop.stock("prod-1007"), {"vie": (40, 0)})

    def test_downloads_never_run_out(self):
        self.assertEqual(self.reserve(("prod-1010", 1_000_000)).state, 1)

    def test_bad_reservation(self):
        for items, rest, fields in (
            ((), {}, ["items"]),
            ((("prod-1001", 0),), {}, ["items[0].quantity"]),
            ((("prod-1001", 1), ("prod-1001", 1)), {}, ["items[1].product_id"]),
            ((("prod-1001", 1),), {"hold": "3601s"}, ["hold"]),
        ):
            with self.subTest(fields):
                failure = self.fails(
                    StatusCode.INVALID_ARGUMENT, lambda: self.reserve(*items, **rest)
                )
                self.assertEqual(failure.fields(), fields)
        self.fails(StatusCode.NOT_FOUND, lambda: self.reserve(("prod-1", 1)))

    def test_reserved_product_cannot_be_deleted(self):
        held = self.reserve(("prod-1002", 1))
        failure = self.fails(
            StatusCode.FAILED_PRECONDITION,
            lambda: self.shop.catalog.call(CATALOG + "DeleteProduct", {"productId": "prod-1002"}),
        )
        self.assertEqual(failure.details["ErrorInfo"].reason, "PRODUCT_RESERVED")
        self.reservation_call("ReleaseReservation", held)

    def test_sync_answers_each_message_at_once(self):
        """The second count is sent only after the answer to the first has come."""
        counts = [
            {"warehouseId": "gra", "productId": "prod-1006", "counted": 10},
            {"warehouseId": "gra", "productId": "prod-1006", "change": -3},
        ]
        answered = threading.Semaphore(1)

        def ask():
            for count in counts:
                answered.acquire()
                yield count

        answers = []
        for answer in self.shop.catalog.call(CATALOG + "SyncInventory", ask()):
            answers.append((answer.recorded, answer.difference))
            answered.release()
        self.assertEqual(answers, [(10, 10), (7, -3)])
        self.assertEqual(self.shop.stock("prod-1006")["gra"], (7, 0))

    def test_bad_count_ends_the_sync(self):
        good = {"warehouseId": "ber", "productId": "prod-1005", "change": 0}
        for bad, code in (
            ({"warehouseId": "ber", "productId": "prod-1005"}, StatusCode.INVALID_ARGUMENT),
            ({**good, "productId": "prod-1"}, StatusCode.NOT_FOUND),
            ({**good, "productId": "prod-1010"}, StatusCode.FAILED_PRECONDITION),
            ({**good, "change": -26}, StatusCode.FAILED_PRECONDITION),
        ):
            with self.subTest(bad):
                call = self.shop.catalog.call(CATALOG + "SyncInventory", [good, bad, good])
                self.assertEqual(next(call).recorded, 25)
                self.fails(code, lambda: next(call))


if __name__ == "__main__":
    unittest.main()
