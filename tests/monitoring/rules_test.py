#!/usr/bin/env python3
"""rules_test.py BIN_FOLDER   k8s/monitoring: the rules do what alerts.yaml says, and every metric and label in rules and
dashboard exists."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

import scrape

BIN = sys.argv[1]
HERE = pathlib.Path(__file__).resolve().parent
MONITORING = scrape.ROOT / "k8s/monitoring"
# What a scrape adds to every series.
TARGET_LABELS = {"job", "instance", "namespace", "pod"}
NOT_METRICS = {"sum", "rate", "increase", "by", "on", "and", "or", "unless", "histogram_quantile", "min", "max", "count",
               "changes", "label_values", "time"}


def rules():
    return yaml.safe_load((MONITORING / "rules.yaml").read_text())["spec"]


def dashboard_queries():
    """Every query of the dashboard and its variables."""
    dashboard = json.loads((MONITORING / "dashboard.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    variables = [each["definition"] for each in dashboard["templating"]["list"] if each["type"] == "query"]
    return queries, variables


def used(expression):
    """(metrics, {metric: labels its matchers name}, labels that are grouped by) of an expression of PromQL."""
    text = re.sub(r"\$\{?\w+\}?", "1m", expression)
    matched = {}
    for metric, matchers in re.findall(r"([a-zA-Z_:][\w:]*)\{([^}]*)\}", text):
        matched.setdefault(metric, set()).update(re.findall(r'(\w+)\s*(?:=~|!~|!=|=)\s*"', matchers))
    grouped = {label.strip() for labels in re.findall(r"\bby\s*\(([^)]*)\)", text) for label in labels.split(",")}
    bare = re.sub(r'"[^"]*"|\{[^}]*\}|\[[^\]]*\]|\bby\s*\([^)]*\)', " ", text)
    bare = re.sub(r"label_values\(([^,]*),[^)]*\)", r"\1", bare)
    words = set(re.findall(r"(?<![\w.$])[a-zA-Z_:][\w:]*", bare)) - NOT_METRICS
    return words, matched, grouped


def unknown(expressions, families, recorded=()):
    """What the expressions name that does not exist."""
    labels = {name: found | TARGET_LABELS for name, (_, found) in families.items()}
    for name, (kind, found) in families.items():
        if kind == "histogram":
            labels.update({f"{name}_{part}": found | TARGET_LABELS for part in ("sum", "count")})
            labels[f"{name}_bucket"] = found | TARGET_LABELS | {"le"}
    labels.update({name: {"job"} for name in recorded})
    problems = []
    for expression in expressions:
        metrics, matched, grouped = used(expression)
        problems += [f"no metric {each} in {expression}" for each in metrics - set(labels)]
        for metric, wanted in matched.items():
            problems += [f"{metric} has no label {each}" for each in wanted - labels.get(metric, set())]
        there = set().union(*(labels.get(metric, set()) for metric in metrics))
        problems += [f"no label {each} to group by in {expression}" for each in grouped - there]
        if not metrics:
            problems.append(f"no metric at all in {expression}")
    return problems


class Rules(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (self.folder / "rules.yaml").write_text(yaml.safe_dump(rules()))
        (self.folder / "alerts.yaml").write_text((HERE / "alerts.yaml").read_text())

    def promtool(self, *words):
        done = subprocess.run(["promtool", *words], cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_promtool_checks_them(self):
        self.assertIn("SUCCESS", self.promtool("check", "rules", "rules.yaml"))

    def test_each_alert_fires_when_it_should_and_not_else(self):
        self.assertIn("SUCCESS", self.promtool("test", "rules", "alerts.yaml"))

    def test_each_alert_has_a_test_that_sees_it_fire(self):
        seen = {each["alertname"] for test in yaml.safe_load((HERE / "alerts.yaml").read_text())["tests"]
                for each in test.get("alert_rule_test", []) if each.get("exp_alerts")}
        alerts = {rule["alert"] for group in rules()["groups"] for rule in group["rules"] if "alert" in rule}
        self.assertEqual(alerts, seen)

    def test_each_alert_says_what_is_wrong_and_what_to_do(self):
        for group in rules()["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    self.assertIn(rule["labels"]["severity"], ("critical", "warning", "info"))
                    self.assertEqual({"summary", "description"}, set(rule["annotations"]), rule["alert"])


class Names(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        shop = cls.enterClassContext(scrape.start_shop(BIN))
        scrape.traffic(shop)
        cls.families = scrape.families(scrape.page(shop))

    def test_of_the_rules_exist(self):
        every = [rule for group in rules()["groups"] for rule in group["rules"]]
        recorded = [rule["record"] for rule in every if "record" in rule]
        self.assertEqual([], unknown([rule["expr"] for rule in every], self.families, recorded))

    def test_of_the_dashboard_exist(self):
        queries, variables = dashboard_queries()
        self.assertGreater(len(queries), 40)
        self.assertEqual([], unknown(queries + variables, self.families))

    def test_a_name_that_does_not_exist_is_found(self):
        for wrong, said in [("sum(mcp_bridge_tool_call_total)", "no metric mcp_bridge_tool_call_total"),
                            ('mcp_bridge_tools{tool="x"}', "mcp_bridge_tools has no label tool"),
                            ("sum by (tools) (mcp_bridge_tool_calls_total)", "no label tools to group by"),
                            ("rate(mcp_bridge_request_bytes[5m]) + mcp_bridge_request_bytes_total",
                             "no metric mcp_bridge_request_bytes_total")]:
            self.assertIn(said, " ".join(unknown([wrong], self.families)))


if __name__ == "__main__":
    os.environ.pop("PYTHONWARNINGS", None)
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
