"""The services that are not behind the others: points behind TLS and a token, parcels without reflection."""

import pathlib
import subprocess
import tempfile
import unittest

import grpc
from grpc import StatusCode

import rpc
import shop
from shop import LOYALTY, SHIPPING
from reflection_test import REFLECTION

TOKEN = "s3cret-of-the-partner"


def make_certificates(folder):
    """An authority, and certificates of it for 127.0.0.1 and for a client, as PEM files."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=Authority", "-keyout", "ca.key", "-out", "ca.pem")
    for name in ("server", "client"):
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={name}",
                "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                "-days", "2", "-copy_extensions", "copy", "-out", f"{name}.pem")


class LoyaltyTest(shop.ShopTest):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.folder = pathlib.Path(scratch.name)
        make_certificates(cls.folder)
        (cls.folder / "token").write_text(TOKEN + "\n")

    @classmethod
    def tearDownClass(cls):
        pass

    def start(self, *more):
        process = shop.Process("shop-loyalty", "--tls-cert", self.folder / "server.pem",
                               "--tls-key", self.folder / "server.key", "--token-file", self.folder / "token", *more)
        self.addCleanup(process.stop)
        return process

    def client(self, process, certificate=None, schema=shop.SCHEMA):
        pair = (None, None)
        if certificate:
            pair = ((self.folder / f"{certificate}.key").read_bytes(), (self.folder / f"{certificate}.pem").read_bytes())
        client = rpc.Client(schema, process.target,
                            grpc.ssl_channel_credentials((self.folder / "ca.pem").read_bytes(), *pair))
        self.addCleanup(client.close)
        return client

    def test_token(self):
        client = self.client(self.start())
        good = [("authorization", "Bearer " + TOKEN)]
        account = client.call(LOYALTY + "GetAccount", {"customerId": "cust-7"}, metadata=good)
        self.assertEqual((account.points, account.last_channel), (100, ""))
        account = client.call(LOYALTY + "RedeemPoints", {"customerId": "cust-7", "points": 30, "channel": "mcp"},
                              metadata=good)
        self.assertEqual((account.points, account.last_channel), (70, "mcp"))
        few = self.fails(StatusCode.FAILED_PRECONDITION, lambda: client.call(
            LOYALTY + "RedeemPoints", {"customerId": "cust-7", "points": 71}, metadata=good))
        self.assertIn("only 70 points", few.message)
        for metadata in (None, [("authorization", "Bearer other")], [("authorization", TOKEN)]):
            self.fails(StatusCode.UNAUTHENTICATED, lambda metadata=metadata: client.call(
                LOYALTY + "GetAccount", {"customerId": "cust-7"}, metadata=metadata))

    def test_reflection_needs_the_token(self):
        client = self.client(self.start(), schema=shop.TOOLS)
        with self.assertRaises(grpc.RpcError) as caught:
            next(client.call(REFLECTION, [{"listServices": ""}]))
        self.assertEqual(caught.exception.code(), StatusCode.UNAUTHENTICATED)
        answer = next(client.call(REFLECTION, [{"listServices": ""}], metadata=[("authorization", "Bearer " + TOKEN)]))
        self.assertIn("shop.loyalty.v1.LoyaltyService",
                      [service.name for service in answer.list_services_response.service])

    def test_client_certificates(self):
        process = self.start("--tls-client-ca", self.folder / "ca.pem")
        good = [("authorization", "Bearer " + TOKEN)]
        account = self.client(process, "client").call(LOYALTY + "GetAccount", {"customerId": "cust-1"}, metadata=good)
        self.assertEqual(account.points, 100)
        with self.assertRaises(grpc.RpcError) as caught:
            self.client(process).call(LOYALTY + "GetAccount", {"customerId": "cust-1"}, metadata=good)
        self.assertEqual(caught.exception.code(), StatusCode.UNAVAILABLE)


class ShippingTest(shop.ShopTest):
    @classmethod
    def setUpClass(cls):
        cls.process = shop.Process("shop-shipping", "--no-reflection")
        cls.addClassCleanup(cls.process.stop)

    @classmethod
    def tearDownClass(cls):
        pass

    def client(self, schema=shop.SCHEMA):
        client = rpc.Client(schema, self.process.target)
        self.addCleanup(client.close)
        return client

    def test_quote(self):
        quote = self.client().call(SHIPPING + "QuoteShipping", {"countryCode": "AT", "weightGrams": 1000})
        self.assertEqual((quote.price_minor, quote.days), (590, 2))
        failure = self.fails(StatusCode.INVALID_ARGUMENT, lambda: self.client().call(
            SHIPPING + "QuoteShipping", {"countryCode": "Austria", "weightGrams": 30_001}))
        self.assertIn("country_code", failure.message)
        self.assertIn("weight_grams", failure.message)

    def test_parcel(self):
        events = self.client().call(SHIPPING + "TrackParcel", {"parcelId": "parcel-1"})
        self.assertEqual([event.place for event in events], ["Berlin", "Linz", "Vienna"])
        self.fails(StatusCode.NOT_FOUND, lambda: list(
            self.client().call(SHIPPING + "TrackParcel", {"parcelId": "parcel-3"})))

    def test_no_reflection(self):
        with self.assertRaises(grpc.RpcError) as caught:
            next(self.client(shop.TOOLS).call(REFLECTION, [{"listServices": ""}]))
        self.assertEqual(caught.exception.code(), StatusCode.UNIMPLEMENTED)


if __name__ == "__main__":
    unittest.main()
