#!/usr/bin/env python3
"""families_test.py BIN_FOLDER   docs/metrics.md is what the binary prints, and others can read it."""
import re
import subprocess
import sys
import unittest

from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_open_metrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

import scrape

BIN = sys.argv[1]
ROW = re.compile(r"^\| `(?P<name>\w+)` ?(?P<hidden>¹?) \| (?P<type>\w+) \| (?P<labels>[^|]*)\| (?P<what>.+) \|$")


def documented():
    """{family: (type, labels)} of docs/metrics.md; the labels of the resource are the operator's."""
    rows = {}
    for line in (scrape.ROOT / "docs/metrics.md").read_text().splitlines():
        if row := ROW.match(line):
            rows[row["name"]] = (row["type"], set(re.findall(r"`(\w+)`", row["labels"])), bool(row["hidden"]))
    return rows


class Families(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(scrape.start_shop(BIN))
        scrape.traffic(cls.shop)
        cls.text = scrape.page(cls.shop)
        cls.open_metrics = scrape.page(cls.shop, scrape.OPEN_METRICS)

    def test_the_page_is_as_documented(self):
        printed = {name: (kind, labels) for name, (kind, labels) in scrape.families(self.text).items()}
        printed["target_info"] = ("gauge", set())
        wanted = {name: ("gauge" if kind == "info" else kind, labels) for name, (kind, labels, _) in
                  documented().items()}
        self.assertEqual(printed, wanted)

    def test_a_stranger_gets_what_has_no_names(self):
        strangers = subprocess.run(["curl", "-sS", "-H", "Host: stranger.example", f"{self.shop.admin_url}/metrics"],
                                   capture_output=True, text=True, check=True).stdout
        self.assertEqual(set(scrape.families(strangers)),
                         {name for name, (_, _, hidden) in documented().items() if not hidden})
        for name in ("Catalog", "shop", "127.0.0.1"):
            self.assertNotIn(name, strangers)

    def test_promtool_finds_nothing_to_say(self):
        done = subprocess.run(["promtool", "check", "metrics"], input=self.text, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_a_second_parser_reads_both_formats_alike(self):
        text = {family.name: family for family in parse_text(self.text)}
        open_metrics = {family.name: family for family in parse_open_metrics(self.open_metrics)}
        infos = {"target", "mcp_bridge_build"}
        self.assertEqual({re.sub("_info$", "", name) for name in text}, set(open_metrics))
        for name, family in open_metrics.items():
            other = text[name + "_info" if name in infos else name]
            self.assertEqual(family.documentation, other.documentation)
            self.assertEqual(family.type, "info" if name in infos else other.type)
            self.assertEqual({(sample.name, *sorted(sample.labels.items())) for sample in family.samples},
                             {(sample.name, *sorted(sample.labels.items())) for sample in other.samples}, name)
            if family.unit:
                self.assertTrue(name.endswith("_" + family.unit), name)

    def test_counts_of_calls_are_those_that_were_made(self):
        for outcome, tool, upstream, count in [
                ("ok", "Catalog_GetProduct", "shop-catalog", 1), ("tool_error", "Catalog_GetProduct", "shop-catalog", 1),
                ("invalid_arguments", "Catalog_GetProduct", "shop-catalog", 1),
                ("timeout", "Operations_WaitOperation", "shop-orders", 1),
                ("cancelled", "Operations_WaitOperation", "shop-orders", 1)]:
            self.assertIn(f'\nmcp_bridge_tool_calls_total{{tool="{tool}",upstream="{upstream}",outcome="{outcome}"}} '
                          f"{count}\n", self.text)

    def test_exemplars_lead_to_traces(self):
        exemplars = [sample.exemplar for family in parse_open_metrics(self.open_metrics) for sample in family.samples
                     if sample.exemplar]
        self.assertGreater(len(exemplars), 3)
        for exemplar in exemplars:
            self.assertEqual(set(exemplar.labels), {"trace_id", "span_id"})
            trace = scrape.urllib.request.urlopen(
                f"{self.shop.admin_url}/debug/traces/{exemplar.labels['trace_id']}", timeout=10).read().decode()
            self.assertIn(exemplar.labels["span_id"], trace)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
