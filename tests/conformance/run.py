#!/usr/bin/env python3
"""run.py BIN_FOLDER REVISION   runs the official MCP conformance suite against the bridge and the shop.

The suite runs every scenario of the revision, those that it does not score included.
expected-failures-REVISION.yaml, in the suite's own format (scenario:check), names each check that fails, with
the reason; a failure that is not named there fails this test, and so does a named one that passes or never ran.
What must pass in any case is MUST_PASS.
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "scripts"))
from shop import Shop  # noqa: E402

# Scenarios, and single checks of scenarios.
MUST_PASS = {
    "2025-11-25": {"server-initialize", "server-session-lifecycle", "ping", "tools-list", "server-sse-multiple-streams",
                   "dns-rebinding-protection"},
    "2026-07-28": {"tools-list", "server-sse-multiple-streams", "dns-rebinding-protection", "http-header-validation",
                   "caching:sep-2549-tools-list-caching-hints"},
}


def named_failures(text):
    """{"scenario:check"} of a file in the suite's format."""
    return set(re.findall(r"^\s*- ['\"]?([^\s'\"#]+)", text, re.M))


def problems_of(must_pass, named, results):
    """What is wrong, given {scenario: [{"id", "status", ...}]}."""
    failed = {f"{scenario}:{check['id']}": check for scenario, checks in results.items() for check in checks
              if check["status"] in ("FAILURE", "WARNING")}
    problems = [f"{name} fails: {failed[name].get('errorMessage')}" for name in sorted(failed.keys() - named)]
    problems += [f"{name} is named, but does not fail" for name in sorted(named - failed.keys())]
    for name in sorted(must_pass):
        scenario, _, check = name.partition(":")
        statuses = {each["status"] for each in results.get(scenario, []) if check in ("", each["id"])}
        if "SUCCESS" not in statuses or statuses & {"FAILURE", "WARNING", "SKIPPED"}:
            problems.append(f"{name} must pass, but it is {', '.join(sorted(statuses)) or 'not run'}")
    return problems


def read_results(folder):
    """The suite leaves a folder server-SCENARIO-TIME with checks.json for each scenario."""
    results = {}
    for path in folder.glob("*/checks.json"):
        scenario = re.sub(r"-\d{4}-\d\d-\d\dT.*$", "", path.parent.name).removeprefix("server-")
        results[scenario] = json.loads(path.read_text())
    return results


def main():
    bin_folder, revision = sys.argv[1:]
    named_file = HERE / f"expected-failures-{revision}.yaml"
    with Shop(bin_folder) as shop, tempfile.TemporaryDirectory() as folder:
        suite = subprocess.run(["conformance", "server", "--url", shop.mcp_url, "--requirements", revision,
                                "--expected-failures", named_file, "--output-dir", folder],
                               stdin=subprocess.DEVNULL, capture_output=True, text=True)
        results = read_results(pathlib.Path(folder))
    problems = problems_of(MUST_PASS[revision], named_failures(named_file.read_text()), results)
    if suite.returncode or problems:
        print(suite.stdout[suite.stdout.find("=== SUMMARY"):], suite.stderr, *problems, sep="\n")
        sys.exit(1)
    checks = [check for scenario in results.values() for check in scenario]
    passed = sum(check["status"] == "SUCCESS" for check in checks)
    print(f"{revision}: {len(results)} scenarios, {passed} checks passed, the others as {named_file.name} says")


if __name__ == "__main__":
    main()
