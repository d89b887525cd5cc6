#!/usr/bin/env python3
"""prometheus_test.py BIN_FOLDER   a real Prometheus scrapes the bridge and answers the dashboard's queries."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml

import scrape
from rules_test import dashboard_queries, rules
from shop import die_with_parent, reserve_port

BIN = sys.argv[1]
START_SECONDS = 30
# Of queries that divide or take quantiles of nothing there may be no answer yet; all others must have one.
MAY_BE_EMPTY = re.compile(r"> 0$|client_gone")


class Prometheus:
    """One that scrapes `target` each second, with the rules."""

    def __init__(self, target):
        self.target = target

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="prometheus-")
        folder = pathlib.Path(self.folder.name)
        (folder / "rules.yaml").write_text(yaml.safe_dump(rules()))
        (folder / "prometheus.yaml").write_text(yaml.safe_dump({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules.yaml"],
            "scrape_configs": [{"job_name": "bridge", "static_configs": [{"targets": [self.target]}]}]}))
        holder, port = reserve_port()
        self.url = f"http://127.0.0.1:{port}"
        with (folder / "log").open("wb") as log, holder:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={folder}/prometheus.yaml", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{port}", "--enable-feature=exemplar-storage"],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=die_with_parent)
            deadline = time.monotonic() + START_SECONDS
            while not self._is_ready():
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.process.kill()
                    raise RuntimeError((folder / "log").read_text()[-2000:])
                time.sleep(0.1)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(30)
        self.folder.cleanup()

    def _is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.url}/-/ready", timeout=5):
                return True
        except OSError:
            return False

    def get(self, path, **parameters):
        try:
            with urllib.request.urlopen(f"{self.url}/api/v1/{path}?{urllib.parse.urlencode(parameters)}",
                                        timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(f"{parameters}: {error.read(1000)!r}") from error

    def query(self, expression):
        return self.get("query", query=expression)["result"]

    def wait_for(self, expression, seconds=30):
        deadline = time.monotonic() + seconds
        while not (result := self.query(expression)):
            if time.monotonic() > deadline:
                raise AssertionError(f"no answer to {expression}: {self.get('targets')}")
            time.sleep(0.2)
        return result


class Scraped(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.shop = cls.enterClassContext(scrape.start_shop(BIN))
        cls.prometheus = cls.enterClassContext(Prometheus(urllib.parse.urlsplit(cls.shop.admin_url).netloc))
        cls.prometheus.wait_for("mcp_bridge_live == 1")
        scrape.traffic(cls.shop)
        cls.prometheus.wait_for('mcp_bridge_tool_calls_total{outcome="cancelled"} == 1')
        # Two scrapes after the traffic, so that it has a rate.
        seen = cls.prometheus.query("scrape_samples_scraped")[0]["value"][0]
        time.sleep(2.5)
        cls.prometheus.wait_for(f"timestamp(mcp_bridge_live) > {seen + 1}")

    def test_the_target_is_well(self):
        (target,) = self.prometheus.get("targets")["activeTargets"]
        self.assertEqual((target["health"], target["lastError"]), ("up", ""))

    def test_it_sees_what_the_bridge_has_counted(self):
        (result,) = self.prometheus.query(
            'mcp_bridge_tool_calls_total{tool="Catalog_GetProduct",outcome="invalid_arguments"}')
        self.assertEqual(result["value"][1], "1")
        self.assertEqual(result["metric"]["upstream"], "shop-catalog")

    def test_it_answers_every_query_of_the_dashboard(self):
        for expression in dashboard_queries()[0]:
            with self.subTest(expression):
                asked = re.sub(r"\$__rate_interval", "1m", expression)
                asked = re.sub(r"\$(job|instance|upstream|tool)\b", ".*", asked)
                result = self.prometheus.query(asked)
                if not MAY_BE_EMPTY.search(expression):
                    self.assertTrue(result, "no series")

    def test_rates_are_of_the_calls_that_were_made(self):
        (result,) = self.prometheus.query(
            'increase(mcp_bridge_tool_calls_total{tool="Operations_WaitOperation",outcome="timeout"}[5m])')
        self.assertGreater(float(result["value"][1]), 0.9)

    def test_an_exemplar_leads_to_a_trace(self):
        series = self.prometheus.get("query_exemplars", query="mcp_server_operation_duration_seconds_bucket",
                                     start=time.time() - 600, end=time.time())
        exemplars = [each for found in series for each in found["exemplars"]]
        self.assertTrue(exemplars)
        for exemplar in exemplars:
            url = f"{self.shop.admin_url}/debug/traces/{exemplar['labels']['trace_id']}"
            with urllib.request.urlopen(url, timeout=10) as answer:
                self.assertIn(exemplar["labels"]["span_id"], answer.read().decode())

    def test_the_rules_are_loaded_and_nothing_fires(self):
        groups = self.prometheus.get("rules")["groups"]
        self.assertEqual({group["name"] for group in groups}, {group["name"] for group in rules()["groups"]})
        for group in groups:
            for rule in group["rules"]:
                self.assertIn(rule["health"], ("ok", "unknown"), rule)
        self.assertEqual([], [alert for alert in self.prometheus.get("alerts")["alerts"]
                              if alert["state"] == "firing"])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
