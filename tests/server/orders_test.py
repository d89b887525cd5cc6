import unittest
import uuid

from grpc import StatusCode

import shop
from shop import ADDRESS, GOOD_CARD, ORDERS, PAYMENTS

PLACED, PACKED, SHIPPED, DELIVERED, CANCELLED = 1, 2, 3, 4, 5


class PlacingTest(shop.ShopTest):
    def payment(self, order):
        return self.shop.payments.call(PAYMENTS + "GetPayment", {"paymentId": order.payment_id})

    def test_order_reserves_and_authorizes(self):
        before = self.shop.stock("prod-1005")["ber"][0]
        order = self.shop.create_order(
            lines=[
                {"productId": "prod-1005", "quantity": 2},
                {"productId": "prod-1010", "quantity": 1},
            ],
            giftMessage="Happy birthday",
            labels={"cost_center": "4711"},
        )
        self.assertEqual(order.state, PLACED)
        self.assertEqual(order.total.amount_minor, 2 * 11900 + 2490)
        self.assertEqual([line.title for line in order.lines],
                         ["Mechanical keyboard", "The gRPC book"])
        self.assertEqual(order.gift_message.value, "Happy birthday")
        self.assertEqual(dict(order.labels), {"cost_center": "4711"})
        self.assertEqual(self.shop.stock("prod-1005")["ber"], (before - 2, 0))
        payment = self.payment(order)
        self.assertEqual(payment.reference, order.order_id)
        self.assertEqual(payment.amount, self.shop.orders.call(
            ORDERS + "GetOrder", {"orderId": order.order_id}).total)

    def test_prices(self):
        for line, unit_price in (
            ({"productId": "prod-1001", "quantity": 4}, 17900),
            ({"productId": "prod-1001", "quantity": 5}, 17005),
            ({"productId": "prod-1001", "quantity": 12}, 16110),
            ({"productId": "prod-1001", "quantity": 12, "priceOverrideMinor": "1"}, 1),
        ):
            with self.subTest(line):
                order = self.shop.create_order(lines=[line], validateOnly=True)
                self.assertEqual(order.lines[0].unit_price_minor, unit_price)
                self.assertEqual(order.total.amount_minor, unit_price * line["quantity"])
                self.assertEqual((order.order_id, order.payment_id), ("", ""))

    def test_free_order_needs_no_payment_and_no_address(self):
        order = self.shop.create_order(
            lines=[{"productId": "prod-1012", "quantity": 1}], shippingAddress=None
        )
        self.assertEqual((order.total.amount_minor, order.payment_id), (0, ""))

    def test_same_request_id_places_once(self):
        request_id = str(uuid.uuid4())
        first = self.shop.create_order(requestId=request_id)
        self.assertEqual(self.shop.create_order(requestId=request_id), first)
        self.assertNotEqual(self.shop.create_order().order_id, first.order_id)

    def test_failed_order_leaves_nothing_behind(self):
        stock = self.shop.stock("prod-1006")
        lines = [{"productId": "prod-1006", "quantity": 1}]
        request_id = str(uuid.uuid4())
        for number, code, detail in (
            ("4000000000000002", StatusCode.FAILED_PRECONDITION, "ErrorInfo"),
            ("4000000000000119", StatusCode.UNAVAILABLE, "RetryInfo"),
        ):
            card = {"card": {**GOOD_CARD["card"], "number": number}}
            failure = self.fails(
                code,
                lambda: self.shop.create_order(
                    lines=lines, paymentMethod=card, requestId=request_id
                ),
            )
            self.assertIn(detail, failure.details)
            self.assertEqual(self.shop.stock("prod-1006"), stock)
        self.shop.create_order(lines=lines, requestId=request_id)  # the id can be used again

    def test_out_of_stock(self):
        failure = self.fails(
            StatusCode.FAILED_PRECONDITION,
            lambda: self.shop.create_order(lines=[{"productId": "prod-1004", "quantity": 1}]),
        )
        self.assertEqual(failure.details["ErrorInfo"].reason, "OUT_OF_STOCK")

    def test_field_names_are_those_of_the_caller(self):
        bad_card = {"card": {**GOOD_CARD["card"], "number": "4242424242424241"}}
        failure = self.fails(
            StatusCode.INVALID_ARGUMENT, lambda: self.shop.create_order(paymentMethod=bad_card)
        )
        self.assertEqual(failure.fields(), ["payment_method.card.number"])
        self.assertIn("payment_method.card.number", failure.message)

    def test_bad_orders(self):
        line = {"productId": "prod-1005", "quantity": 1}
        for request, fields in (
            ({"customerId": ""}, ["customer_id"]),
            ({"lines": []}, ["lines"]),
            ({"lines": [{**line, "quantity": 1001}]}, ["lines[0].quantity"]),
            ({"lines": [line, line]}, ["lines[1].product_id"]),
            ({"lines": [line, {"productId": "prod-9", "quantity": 1}]}, ["lines[1].product_id"]),
            ({"lines": [{**line, "priceOverrideMinor": "-1"}]}, ["lines[0].price_override_minor"]),
            ({"requestId": "1"}, ["request_id"]),
            ({"paymentMethod": None}, ["payment_method"]),
            ({"shippingAddress": None}, ["shipping_address"]),
            ({"shippingAddress": {}},
             [f"shipping_address.{name}"
              for name in ("recipient", "postal_code", "city", "lines", "country_code")]),
            ({"shippingAddress": {**ADDRESS, "phone": "0123"}}, ["shipping_address.phone"]),
            ({"shippingAddress": {**ADDRESS, "dropOff": {"latitude": "NaN", "longitude": 181}}},
             ["shipping_address.drop_off.latitude", "shipping_address.drop_off.longitude"]),
            ({"giftMessage": "x" * 201}, ["gift_message"]),
            ({"labels": {str(number): "" for number in range(21)}}, ["labels"]),
        ):
            with self.subTest(fields):
                failure = self.fails(
                    StatusCode.INVALID_ARGUMENT, lambda: self.shop.create_order(**request)
                )
                self.assertEqual(failure.fields(), fields)
        self.shop.create_order(giftMessage="\u00fc" * 200, validateOnly=True)


class ChangingTest(shop.ShopTest):
    def update(self, mask, **order):
        return self.shop.orders.call(ORDERS + "UpdateOrder", {"order": order, "updateMask": mask})

    def cancel(self, order_id, **request):
        return self.shop.orders.call(ORDERS + "CancelOrder", {"orderId": order_id, **request})

    def test_update(self):
        order_id = self.shop.create_order(giftMessage="Hello").order_id
        order = self.update(
            "giftMessage,shippingAddress.city",
            orderId=order_id,
            shippingAddress={"city": "Graz", "recipient": "Not listed"},
        )
        self.assertFalse(order.HasField("gift_message"))
        self.assertEqual(order.shipping_address.city, "Graz")
        self.assertEqual(order.shipping_address.recipient, "Maria Gruber")

    def test_bad_updates(self):
        order_id = self.shop.create_order().order_id
        for mask, field in (
            ("", "update_mask"),
            ("state", "update_mask"),
            ("lines", "update_mask"),
            ("nonsense", "update_mask"),
            ("shippingAddress", "order.shipping_address"),
            ("shippingAddress.city", "order.shipping_address.city"),
        ):
            with self.subTest(mask):
                failure = self.fails(
                    StatusCode.INVALID_ARGUMENT, lambda: self.update(mask, orderId=order_id)
                )
                self.assertIn(field, failure.fields())
        failure = self.fails(
            StatusCode.FAILED_PRECONDITION, lambda: self.update("labels", orderId="order-1")
        )
        self.assertEqual(failure.details["ErrorInfo"].metadata["state"], "ORDER_STATE_DELIVERED")

    def test_cancel_gives_everything_back(self):
        stock = self.shop.stock("prod-1005")
        order = self.shop.create_order()
        self.assertNotEqual(self.shop.stock("prod-1005"), stock)
        for _ in range(2):
            cancelled = self.cancel(order.order_id, reason="changed my mind")
            self.assertEqual(cancelled.state, CANCELLED)
        self.assertEqual(self.shop.stock("prod-1005"), stock)
        payment = self.shop.payments.call(
            PAYMENTS + "GetPayment", {"paymentId": order.payment_id}
        )
        self.assertEqual(payment.state, 4)
        (event,) = self.shop.orders.call(ORDERS + "WatchOrder", {"orderId": order.order_id})
        self.assertEqual((event.state, event.cancel_reason), (CANCELLED, "changed my mind"))

    def test_delivered_order_cannot_be_cancelled(self):
        failure = self.fails(StatusCode.FAILED_PRECONDITION, lambda: self.cancel("order-1"))
        self.assertEqual(failure.details["ErrorInfo"].reason, "ORDER_CLOSED")

    def test_history_has_the_resources_of_other_services(self):
        order = self.shop.create_order()
        get = lambda view: self.shop.orders.call(
            ORDERS + "GetOrder", {"orderId": order.order_id, "view": view}
        )
        self.assertFalse(get("BASIC").history)
        history = get("FULL").history
        self.assertEqual(
            [event.action for event in history],
            ["stock.reserved", "payment.authorized", "stock.committed", "order.placed"],
        )
        payment = shop.SCHEMA.unpack(history[1].resource)
        self.assertEqual(payment.DESCRIPTOR.full_name, "shop.payments.v1.Payment")
        self.assertEqual(payment.payment_id, order.payment_id)
        self.assertEqual(history[3].facts["customer_id"], "cust-1")

    def test_list(self):
        ids = lambda **request: [
            order.order_id for order in self.shop.orders.call(ORDERS + "ListOrders", request).orders
        ]
        self.assertEqual(ids(customerId="cust-12"), ["order-5", "order-3"])
        self.assertEqual(
            ids(placedAfter="2026-02-03T10:00:00Z", states=["ORDER_STATE_DELIVERED"]),
            ["order-5", "order-4", "order-3"],
        )
        first = self.shop.orders.call(
            ORDERS + "ListOrders", {"customerId": "cust-7", "pageSize": 1}
        )
        second = self.shop.orders.call(
            ORDERS + "ListOrders",
            {"customerId": "cust-7", "pageSize": 1, "pageToken": first.next_page_token},
        )
        self.assertEqual([first.orders[0].order_id, second.orders[0].order_id],
                         ["order-2", "order-1"])
        self.assertEqual(second.next_page_token, "")

    def test_invoice_is_proto2(self):
        invoice = self.shop.orders.call(ORDERS + "GetInvoice", {"orderId": "order-2"})
        self.assertEqual(invoice.number, "INV-000002")
        self.assertEqual(
            [(line.text, line.pieces, line.amount_minor) for line in invoice.position],
            [("Chef's knife", 1, 6450), ("Wired headphones", 1, 2999)],
        )
        self.assertEqual(invoice.total_minor, 9449)
        self.assertFalse(invoice.HasField("currency"))
        self.assertEqual((invoice.currency, invoice.tax_percent), ("EUR", 20))
        ledger = shop.SCHEMA.pool.FindExtensionByName("shop.orders.v1.ledger_number")
        self.assertEqual(invoice.Extensions[ledger], 5002)
        order_id = self.shop.create_order().order_id
        failure = self.fails(
            StatusCode.FAILED_PRECONDITION,
            lambda: self.shop.orders.call(ORDERS + "GetInvoice", {"orderId": order_id}),
        )
        self.assertEqual(failure.details["ErrorInfo"].reason, "NOT_SHIPPED")

    def test_unknown_order(self):
        for method in ("GetOrder", "CancelOrder", "GetInvoice"):
            self.fails(
                StatusCode.NOT_FOUND,
                lambda: self.shop.orders.call(ORDERS + method, {"orderId": "order-999"}),
            )
        call = self.shop.orders.call(ORDERS + "WatchOrder", {"orderId": "order-999"})
        self.fails(StatusCode.NOT_FOUND, lambda: next(call))

    def test_support_chat(self):
        replies = list(
            self.shop.orders.call(
                ORDERS + "SupportChat",
                [
                    {"text": "Where is my parcel?"},
                    {"text": "It is Order-1!"},
                    {"text": "and order-777"},
                    {"picture": "iVBORw0KGgo="},
                    {"end": {"satisfaction": -2}},
                    {"text": "never read"},
                ],
            )
        )
        self.assertEqual(len(replies), 5)
        self.assertIn("Which order", replies[0].text)
        self.assertEqual(replies[1].order.order_id, "order-1")
        self.assertEqual(list(replies[1].suggestions), ["Get the invoice"])
        self.assertIn("cannot find order-777", replies[2].text)
        self.assertIn("8 bytes", replies[3].text)
        self.assertIn("sorry", replies[4].text)

    def test_bad_support_message(self):
        for message, field in (
            ({}, "text"),
            ({"text": ""}, "text"),
            ({"picture": "R0lG"}, "picture"),
            ({"end": {"satisfaction": 3}}, "end.satisfaction"),
        ):
            call = self.shop.orders.call(ORDERS + "SupportChat", [message])
            failure = self.fails(StatusCode.INVALID_ARGUMENT, lambda: next(call))
            self.assertEqual(failure.fields(), [field])


class FulfilmentTest(shop.ShopTest):
    OPTIONS = {"step_ms": 100}

    def watch(self, order):
        return self.shop.orders.call(ORDERS + "WatchOrder", {"orderId": order.order_id})

    def test_watch_to_the_end(self):
        order = self.shop.create_order()
        events = list(self.watch(order))
        first = events[0].state
        self.assertEqual([event.state for event in events], list(range(first, DELIVERED + 1)))
        self.assertEqual([event.sequence for event in events], list(range(first, DELIVERED + 1)))
        shipped = [event for event in events if event.state == SHIPPED]
        self.assertTrue(shipped[0].shipment.tracking_number.startswith("AP8"))
        payment = self.shop.payments.call(
            PAYMENTS + "GetPayment", {"paymentId": order.payment_id}
        )
        self.assertEqual(payment.captured, order.total)

    def test_downloads_are_delivered_at_once(self):
        order = self.shop.create_order(lines=[{"productId": "prod-1011", "quantity": 1}])
        states = [event.state for event in self.watch(order)]
        self.assertEqual(states[-1], DELIVERED)
        self.assertNotIn(SHIPPED, states)
        self.assertNotIn(PACKED, states)


if __name__ == "__main__":
    unittest.main()
