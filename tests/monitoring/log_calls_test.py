#!/usr/bin/env python3
"""log_calls_test.py BIN_FOLDER   the log of calls: one line a call, never what was said."""
import contextlib
import json
import sys
import unittest

import scrape

BIN = sys.argv[1]


def call_lines(shop):
    text = (shop.logs / "grpc-mcp-bridge.log").read_text()
    return text, [line for line in map(json.loads, text.splitlines()) if line["logger"] == "call"]


class LogCalls(unittest.TestCase):
    def calls(self, *options):
        """The log after 50 calls that go well, one that fails, one that is wrong, and a stream that is cut."""
        shop = self.enterContext(scrape.start_shop(BIN, *options))
        with contextlib.closing(scrape.Client(shop.mcp_url)) as client:
            for _ in range(50):
                client.call("Catalog_GetProduct", productId="prod-1001")
            client.call("Catalog_GetProduct", productId="prod-secret")
            client.call("Catalog_GetProduct", secret="prod-1001")
            client.call("Catalog_SyncInventory", stream_limit={"messages": 1}, messages=[
                {"warehouseId": "vie", "productId": "prod-1001", "change": 0}] * 2)
        scrape.wait_for(shop, 'mcp_bridge_streams_truncated_total{limit="asked"} 1')
        return call_lines(shop)

    def test_each_call_is_a_line_whatever_the_level(self):
        text, lines = self.calls("--log-calls", "--log-level", "error")
        # More than other lines of one kind may be.
        self.assertEqual(len(lines), 53)
        first, failed, wrong, cut = lines[0], *lines[50:]
        self.assertGreaterEqual(first["duration_ms"], first["upstream_ms"])
        self.assertGreater(first["upstream_ms"], 0)
        self.assertGreater(first["received_bytes"], first["sent_bytes"])
        self.assertEqual({name: first[name] for name in (
            "level", "msg", "tool", "upstream", "outcome", "status", "resends", "sent_bytes", "sent_messages",
            "received_messages", "cut")}, {
            "level": "info", "msg": "call", "tool": "Catalog_GetProduct", "upstream": "shop-catalog", "outcome": "ok",
            "status": "OK", "resends": 0, "sent_bytes": 11, "sent_messages": 1, "received_messages": 1, "cut": ""})
        self.assertRegex(first["trace_id"], "^[0-9a-f]{32}$")
        self.assertRegex(first["span_id"], "^[0-9a-f]{16}$")
        self.assertEqual((failed["outcome"], failed["status"]), ("tool_error", "NOT_FOUND"))
        self.assertEqual((wrong["outcome"], wrong["status"]), ("invalid_arguments", "not sent"))
        self.assertEqual((cut["outcome"], cut["cut"], cut["received_messages"]), ("ok", "asked", 1))
        self.assertNotIn("secret", text)
        self.assertNotIn("prod-1001", text)

    def test_without_it_only_failures_are_there_and_only_at_debug(self):
        self.assertEqual(self.calls()[1], [])
        lines = self.calls("--log-level", "debug")[1]
        self.assertEqual([(line["level"], line["msg"], line["outcome"]) for line in lines],
                         [("debug", "call failed", "tool_error"), ("debug", "call failed", "invalid_arguments")])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
