import unittest

from grpc import StatusCode

import shop
from shop import GOOD_CARD, PAYMENTS

AUTHORIZED, CAPTURED, REFUNDED, VOIDED = 1, 2, 3, 4


def crc32c(data):
    """Bit by bit, by the definition (RFC 3720, B.4)."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def card(number="4242424242424242", month=12, year=2099, **rest):
    return {"card": {"number": number, "expiryMonth": month, "expiryYear": year, **rest}}


class PaymentsTest(shop.ShopTest):
    references = 0

    def authorize(self, amount=1000, method=GOOD_CARD, reference=None):
        if reference is None:
            PaymentsTest.references += 1
            reference = f"test-{PaymentsTest.references}"
        return self.shop.payments.call(
            PAYMENTS + "AuthorizePayment",
            {
                "reference": reference,
                "amount": {"currencyCode": "EUR", "amountMinor": str(amount)},
                "method": method,
            },
        )

    def on(self, method, payment, **request):
        return self.shop.payments.call(
            PAYMENTS + method, {"paymentId": payment.payment_id, **request}
        )

    def test_life_of_a_payment(self):
        payment = self.authorize(1000)
        self.assertEqual(payment.state, AUTHORIZED)
        self.assertEqual(payment.method_summary, "card ending in 4242")
        payment = self.on("CapturePayment", payment, amountMinor="900")
        self.assertEqual((payment.state, payment.captured.amount_minor), (CAPTURED, 900))
        payment = self.on("RefundPayment", payment, amountMinor="200", reason="scratched")
        self.assertEqual((payment.state, payment.refunded.amount_minor), (REFUNDED, 200))
        payment = self.on("RefundPayment", payment, reason="returned")
        self.assertEqual(payment.refunded.amount_minor, 900)
        self.assertEqual(self.on("GetPayment", payment), payment)
        failure = self.fails(
            StatusCode.FAILED_PRECONDITION,
            lambda: self.on("RefundPayment", payment, reason="again"),
        )
        self.assertEqual(failure.details["ErrorInfo"].reason, "ALREADY_REFUNDED")

    def test_authorization_given_up(self):
        payment = self.authorize()
        for _ in range(2):
            self.assertEqual(self.on("RefundPayment", payment, reason="no").state, VOIDED)
        for method, reason in (
            ("CapturePayment", "NOT_AUTHORIZED"),
            ("GetReceipt", "NOT_CAPTURED"),
        ):
            failure = self.fails(
                StatusCode.FAILED_PRECONDITION, lambda: self.on(method, payment)
            )
            self.assertEqual(failure.details["ErrorInfo"].reason, reason)

    def test_same_reference(self):
        first = self.authorize(500, reference="twice")
        self.assertEqual(self.authorize(500, reference="twice"), first)
        failure = self.fails(
            StatusCode.ALREADY_EXISTS, lambda: self.authorize(501, reference="twice")
        )
        self.assertEqual(failure.details["ResourceInfo"].resource_name, first.payment_id)

    def test_methods(self):
        bank = {"bankAccount": {"iban": "AT611904300234573201", "holder": "Maria Gruber"}}
        self.assertEqual(
            self.authorize(method=bank).method_summary, "bank account ending in 3201"
        )
        with_code = self.authorize(method=card(securityCode="123"))
        self.assertEqual(with_code.method_summary, "card ending in 4242")

    def test_voucher_is_used_up_in_parts(self):
        voucher = {"voucher": {"code": "GIFT-50"}}
        part = self.authorize(3000, voucher)
        failure = self.fails(
            StatusCode.FAILED_PRECONDITION, lambda: self.authorize(2001, voucher)
        )
        error = failure.details["ErrorInfo"]
        self.assertEqual(error.reason, "VOUCHER_EXHAUSTED")
        self.assertEqual(error.metadata["left_minor"], "2000")
        self.on("CapturePayment", part, amountMinor="1000")  # 20.00 EUR are given back
        self.authorize(4000, voucher)
        failure = self.fails(
            StatusCode.NOT_FOUND, lambda: self.authorize(1, {"voucher": {"code": "GIFT-9"}})
        )
        self.assertEqual(failure.details["ResourceInfo"].resource_type, "shop.payments.v1.Voucher")

    def test_test_cards(self):
        declined = self.fails(
            StatusCode.FAILED_PRECONDITION,
            lambda: self.authorize(method=card("4000000000000002")),
        )
        self.assertEqual(declined.details["ErrorInfo"].reason, "CARD_DECLINED")
        busy = self.fails(
            StatusCode.UNAVAILABLE, lambda: self.authorize(method=card("4000000000000119"))
        )
        self.assertEqual(busy.details["RetryInfo"].retry_delay.seconds, 2)

    def test_bad_methods(self):
        for method, field in (
            ({}, "method.card"),
            (card("4242424242424241"), "method.card.number"),
            (card("4242 4242 4242 4242"), "method.card.number"),
            (card("42"), "method.card.number"),
            (card(month=13), "method.card.expiry_month"),
            (card(year=2020), "method.card.expiry_year"),
            (card(year=30), "method.card.expiry_year"),
            (card(securityCode="12"), "method.card.security_code"),
            ({"bankAccount": {"iban": "AT611904300234573202", "holder": "M"}},
             "method.bank_account.iban"),
            ({"bankAccount": {"iban": "AT611904300234573201"}}, "method.bank_account.holder"),
            ({"voucher": {}}, "method.voucher.code"),
        ):
            with self.subTest(method):
                failure = self.fails(
                    StatusCode.INVALID_ARGUMENT, lambda: self.authorize(method=method)
                )
                self.assertEqual(failure.fields(), [field])

    def test_secrets_are_in_no_error(self):
        failure = self.fails(
            StatusCode.INVALID_ARGUMENT, lambda: self.authorize(method=card("4242424242424241"))
        )
        self.assertNotIn("42424242", failure.message)

    def test_bad_amounts(self):
        payment = self.authorize(1000)
        for call in (
            lambda: self.authorize(0),
            lambda: self.on("CapturePayment", payment, amountMinor="1001"),
            lambda: self.on("CapturePayment", payment, amountMinor="0"),
        ):
            failure = self.fails(StatusCode.INVALID_ARGUMENT, call)
            self.assertTrue(failure.fields()[0].endswith("amount_minor"))

    def test_unknown_payment(self):
        for payment_id in ("pay-0", "pay-999999", "pay-", "order-1", "pay-1x"):
            with self.subTest(payment_id):
                self.fails(
                    StatusCode.NOT_FOUND,
                    lambda: self.shop.payments.call(
                        PAYMENTS + "GetPayment", {"paymentId": payment_id}
                    ),
                )

    def test_receipt(self):
        receipt = self.shop.payments.call(PAYMENTS + "GetReceipt", {"paymentId": "pay-2"})
        self.assertIn(b"for order-2\n", receipt.content)
        self.assertIn(b"94.49 EUR", receipt.content)
        self.assertEqual(receipt.checksum_crc32c, crc32c(receipt.content))

    def test_pages_are_newest_first_and_stay_when_one_is_added(self):
        request = {"states": ["PAYMENT_STATE_AUTHORIZED"], "pageSize": 2}
        made = [self.authorize(reference=f"page-{number}").payment_id for number in range(4)]
        first = self.shop.payments.call(PAYMENTS + "ListPayments", request)
        self.assertEqual([payment.payment_id for payment in first.payments], made[:1:-1])
        self.authorize(reference="page-new")
        second = self.shop.payments.call(
            PAYMENTS + "ListPayments", {**request, "pageToken": first.next_page_token}
        )
        self.assertEqual([payment.payment_id for payment in second.payments], made[1::-1])

    def test_list_by_reference(self):
        listed = self.shop.payments.call(PAYMENTS + "ListPayments", {"reference": "order-3"})
        self.assertEqual([payment.payment_id for payment in listed.payments], ["pay-3"])
        self.assertEqual(listed.next_page_token, "")


if __name__ == "__main__":
    unittest.main()
