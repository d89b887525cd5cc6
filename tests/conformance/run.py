#!/usr/bin/env python3
"""run.py BIN_FOLDER REVISION   runs the official MCP conformance suite against the bridge and the shop.

The suite runs every scenario that the revision requires. expected-failures-REVISION.yaml names what cannot
pass, with the reason; the suite fails both for a failure that is not named there and for a named one that
passes. Beyond that this runner fails when a named scenario did not run at all, and when one of MUST_PASS is named.
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

MUST_PASS = {
    "2025-11-25": {"server-initialize", "ping", "tools-list", "server-sse-multiple-streams", "dns-rebinding-protection"},
    "2026-07-28": {"tools-list", "server-sse-multiple-streams", "dns-rebinding-protection", "caching"},
}


def expected_failures(text):
    """{scenario} from lines like `  - scenario` and `  - scenario:check`."""
    return {entry.split(":")[0] for entry in re.findall(r"^\s*- ['\"]?([^\s'\"#]+)", text, re.M)}


def problems_of(revision, named, ran):
    problems = [f"{scenario} must pass, and may not be named" for scenario in sorted(MUST_PASS[revision] & named)]
    problems += [f"{scenario} must pass, but did not run" for scenario in sorted(MUST_PASS[revision] - ran)]
    problems += [f"{scenario} is named, but there is no such scenario" for scenario in sorted(named - ran)]
    return problems


def scenarios_in(folder):
    """The suite leaves a folder server-SCENARIO-TIME with checks.json for each scenario."""
    found = {}
    for path in folder.rglob("checks.json"):
        name = re.sub(r"-\d{4}-\d\d-\d\dT.*$", "", path.parent.name).removeprefix("server-")
        found[name] = json.loads(path.read_text())
    return found


def main():
    bin_folder, revision = sys.argv[1:]
    named_file = HERE / f"expected-failures-{revision}.yaml"
    with Shop(bin_folder) as shop, tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["conformance", "server", "--url", shop.mcp_url, "--requirements", revision,
                               "--expected-failures", named_file, "--output-dir", folder], stdin=subprocess.DEVNULL)
        ran = scenarios_in(pathlib.Path(folder))
    problems = problems_of(revision, expected_failures(named_file.read_text()), set(ran))
    for problem in problems:
        print(f"{named_file.name}: {problem}")
    sys.exit(done.returncode or bool(problems))


if __name__ == "__main__":
    main()
