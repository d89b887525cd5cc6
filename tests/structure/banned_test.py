#!/usr/bin/env python3
"""What must not stand in the tree: a table of (pattern, where it is looked for, where it is allowed, reason)."""
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CODE = r"(bridge|server|tests)/.*\.(h|cc)$"
PRODUCT = r"bridge/.*\.(h|cc)$"
EVERYTHING = r".*"
SELF = r"tests/structure/banned_test\.py$"

# Patterns are matched line by line; `allowed` and `where` are matched against the path from its start.
BANNED = [
    (r"\.dump\(|\.get<|\.at\(\"|\.value\(\"|json::parse\(", r"bridge/(?!base/json).*\.(h|cc)$", "",
     "nlohmann throws here: only base/json may call it"),
    (r"std::c(out|err)\b|\bprintf\(", r"bridge/.*\.(h|cc)$", r"bridge/(app/|main\.cc)",
     "the bridge logs through telemetry; only commands print"),
    (r"\.detach\(\)", CODE, "", "every thread is joined by its owner"),
    (r"sleep_for|sleep_until|\busleep\(|\bsleep\(|absl::SleepFor", r"tests/.*\.(h|cc)$", "",
     "tests wait for an event, never for a time"),
    (r"\bthrow\b", r"bridge/.*\.cc$", r"bridge/app/options\.cc", "no exceptions: return absl::Status (CLI11 wants them)"),
    (r"std::(views|format|expected|source_location)\b", CODE, "", "g++ 12 or clang-19 with its library lacks it"),
    (r"\bnamespace\s+(\w+::)+grpc\b", CODE, "", "hides ::grpc"),
    (r"^#include <grpc", PRODUCT, r"bridge/(upstream/|telemetry/(otlp_\w+|log_libraries)\.)",
     "gRPC's types do not leave upstream and the OTLP sender"),
    (r"^\s*(class|struct|enum class)\s+\w*(Manager|Helper|Util|Impl|Base|Data|Info)\b(?!;)", PRODUCT, "",
     "a name that says nothing; use the specification's word"),
    (r"^#ifndef \w+_H_?$", CODE, "", "#pragma once"),
    (r"//\s*(TODO|FIXME|XXX)\b", CODE, "", "finish it, or write an issue"),
    (r"GTEST_SKIP|DISABLED_", CODE, "", "no skipped test"),
    (r"/(work|home|Users)/[a-z]", EVERYTHING, SELF, "a path of one machine"),
    (r"registry\.npmjs|files\.pythonhosted|pypi\.org/simple|proxy\.golang\.org|--index-url|--registry", EVERYTHING,
     SELF, "the registry is the machine's setting"),
]
BANNED_FOLDERS = {"util", "utils", "common", "core", "helpers", "misc"}
FOLDERS_ARE_PACKAGES = "proto/"  # there a folder is a proto package, and users' packages are called anything
MAX_LINES = 450
LONG_BY_NATURE = re.compile(r".*(\.json|\.binpb|\.golden|\.lock|go\.sum)$|tests/testdata/|docs/|LICENSE")


def tracked_files(root):
    """What git would commit: tracked files and new ones that are not ignored."""
    listing = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True, text=True, check=True).stdout
    return [name for name in listing.split("\0") if name and (root / name).is_file()]


def check(root, names):
    problems = []
    for name in names:
        for folder in pathlib.PurePath(name).parts[:-1]:
            if folder in BANNED_FOLDERS and not name.startswith(FOLDERS_ARE_PACKAGES):
                problems.append(f"{name}: a folder called {folder} collects what has no place")
        try:
            lines = (root / name).read_text().splitlines()
        except UnicodeDecodeError:
            continue
        if len(lines) > MAX_LINES and not LONG_BY_NATURE.match(name):
            problems.append(f"{name}: {len(lines)} lines; no file is longer than {MAX_LINES}")
        for pattern, where, allowed, reason in BANNED:
            if not re.match(where, name) or (allowed and re.match(allowed, name)):
                continue
            for number, line in enumerate(lines, 1):
                if re.search(pattern, line):
                    problems.append(f"{name}:{number}: {line.strip()[:80]}: {reason}")
    return problems


class RealTree(unittest.TestCase):
    def test_nothing_banned(self):
        names = tracked_files(ROOT)
        self.assertGreater(len(names), 20)
        self.assertEqual([], check(ROOT, names))


class BadTree(unittest.TestCase):
    """(path, line, part of the message or None where it is allowed)."""

    ROWS = [
        ("bridge/mcp/a.cc", "auto s = json.dump();", "base/json"),
        ("bridge/mcp/a.cc", 'auto s = json.value("jsonrpc", "");', "base/json"),
        ("bridge/base/json_text.cc", "auto s = json.dump();", None),
        ("bridge/mcp/a.cc", "auto s = result.value();", None),
        ("bridge/http/a.cc", "std::cout << 1;", "telemetry"),
        ("bridge/app/a.cc", "std::cout << 1;", None),
        ("server/shop/a.cc", "std::thread(f).detach();", "joined"),
        ("tests/http/a_test.cc", "std::this_thread::sleep_for(1s);", "event"),
        ("bridge/http/a.cc", "throw 1;", "absl::Status"),
        ("bridge/app/options.cc", "throw CLI::ValidationError(1);", None),
        ("bridge/http/a.h", "using std::format;", "lacks it"),
        ("bridge/upstream/a.h", "namespace bridge::grpc {", "hides"),
        ("bridge/upstream/a.h", "namespace bridge::upstream {", None),
        ("bridge/upstream/a.h", "namespace grpc { class Channel; }", None),
        ("bridge/mcp/a.cc", "#include <grpcpp/client_context.h>", "do not leave"),
        ("bridge/telemetry/tracer.cc", "#include <grpc/grpc.h>", "do not leave"),
        ("bridge/telemetry/otlp_sender.h", "#include <grpcpp/support/status.h>", None),
        ("bridge/upstream/rpc.h", "#include <grpcpp/client_context.h>", None),
        ("bridge/mcp/a.h", "class CallManager final {", "says nothing"),
        ("bridge/mcp/a.h", "struct ToolInfo {", "says nothing"),
        ("bridge/mcp/a.h", "struct Toolbase {", None),
        ("bridge/mcp/a.h", "#ifndef BRIDGE_MCP_A_H_", "pragma"),
        ("bridge/mcp/a.h", "// TODO: later", "finish"),
        ("tests/mcp/a_test.cc", "GTEST_SKIP();", "skipped"),
        ("docs/a.md", "see /" + "work/notes", "one machine"),
        ("tests/tools/package-lock.json", '"resolved": "https://registry.' + 'npmjs.org/x"', "setting"),
        ("bridge/util/a.h", "", "no place"),
        ("proto/shop/common/v1/a.proto", "", None),
        ("bridge/mcp/a.cc", "\n" * MAX_LINES, "lines"),
        ("bridge/mcp/a.cc", "\n" * (MAX_LINES - 1), None),
    ]

    def test_each_row(self):
        for path, text, want in self.ROWS:
            with self.subTest(path=path, text=text[:40]), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                (root / path).parent.mkdir(parents=True)
                (root / path).write_text(text + "\n")
                found = check(root, [path])
                if want is None:
                    self.assertEqual([], found)
                else:
                    self.assertEqual(1, len(found), found)
                    self.assertIn(want, found[0])


if __name__ == "__main__":
    unittest.main()
