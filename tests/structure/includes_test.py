#!/usr/bin/env python3
"""The include graph is the module table of bridge/CMakeLists.txt: a module includes itself and its DEPS,
and the headers of outside libraries only when its own LIBS row names them."""
import pathlib
import re
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]', re.M)
SERVER_MAY_INCLUDE = {"base", "telemetry"}
LIBRARY_OF = {  # header prefix: what LIBS must name
    "boost/": "Boost::",
    "CLI/": "CLI11::",
    "curl/": "CURL::",
    "grpcpp/": "gRPC::",
    "nlohmann/": "nlohmann_json::",
    "openssl/": "OpenSSL::",
    "simdjson": "simdjson::",
    "yaml-cpp/": "yaml-cpp",
}


def parse_table(cmake_text):
    """{module: (deps, libs)} of all bridge_module(NAME DEPS ... LIBS ...) rows."""
    table = {}
    for row in re.findall(r"^bridge_module\(([^)]*)\)", cmake_text, re.M):
        words = row.split()
        lists = {"DEPS": set(), "LIBS": set()}
        current = None
        for word in words[1:]:
            if word in lists:
                current = lists[word]
            else:
                current.add(word)
        table[words[0]] = (lists["DEPS"], lists["LIBS"])
    return table


def find_cycle(table):
    done = set()

    def visit(module, path):
        if module in path:
            return path[path.index(module):] + [module]
        if module in done:
            return None
        for dep in sorted(table.get(module, (set(), set()))[0]):
            cycle = visit(dep, path + [module])
            if cycle:
                return cycle
        done.add(module)
        return None

    for module in sorted(table):
        cycle = visit(module, [])
        if cycle:
            return cycle
    return None


def check(root):
    """All violations under `root`, one line each."""
    table = parse_table((root / "bridge/CMakeLists.txt").read_text())
    problems = []
    cycle = find_cycle(table)
    if cycle:
        problems.append("bridge/CMakeLists.txt: cycle " + " -> ".join(cycle))
    for module, (deps, _) in sorted(table.items()):
        for dep in sorted(deps - set(table)):
            problems.append(f"bridge/CMakeLists.txt: {module} names {dep}, which is no module")
    files = sorted(p for top in ("bridge", "server") for p in (root / top).rglob("*") if p.suffix in (".h", ".cc"))
    for path in files:
        name = path.relative_to(root)
        module = name.parts[1] if len(name.parts) > 2 else None
        if name.parts[0] == "bridge" and module and module not in table:
            problems.append(f"{name}: folder {module} is not in the module table")
            continue
        for quote, header in INCLUDE.findall(path.read_text()):
            problem = check_include(name, module, quote, header, table)
            if problem:
                problems.append(f"{name}: includes {header}: {problem}")
    return problems


def check_include(name, module, quote, header, table):
    in_bridge = name.parts[0] == "bridge"
    if header.startswith("bridge/"):
        target = header.split("/")[1]
        if quote == "<":
            return "ours are written with quotes"
        if not in_bridge:
            return None if target in SERVER_MAY_INCLUDE else "server/ may use bridge/base and bridge/telemetry only"
        if module and target != module and target not in table[module][0]:
            return f"{target} is not in the DEPS of {module}"
        return None
    if header.startswith("server/"):
        return "the bridge knows no service" if in_bridge else None
    if quote == '"' and "/" not in header:
        return "ours are named from the repository root"
    if in_bridge and module:
        for prefix, library in LIBRARY_OF.items():
            if header.startswith(prefix) and not any(lib.startswith(library) for lib in table[module][1]):
                return f"the LIBS of {module} name no {library}"
    return None


class RealTree(unittest.TestCase):
    def test_every_include_is_in_the_table(self):
        self.assertEqual([], check(ROOT))

    def test_the_table_was_read(self):
        table = parse_table((ROOT / "bridge/CMakeLists.txt").read_text())
        self.assertGreaterEqual(len(table), 10)
        self.assertEqual(set(), table["base"][0])
        self.assertEqual({"base"}, table["jsonrpc"][0])


class BadTree(unittest.TestCase):
    """Each row must be found; without the last member the tree is clean."""

    ROWS = [
        ("bridge/http/a.h", '#include "bridge/mcp/b.h"', "mcp is not in the DEPS of http"),
        ("bridge/http/a.cc", "#include <bridge/base/b.h>", "quotes"),
        ("bridge/http/a.cc", '#include "a.h"', "repository root"),
        ("bridge/http/a.cc", '  #  include "grpcpp/grpcpp.h"', "no gRPC::"),
        ("bridge/base/a.cc", "#include <boost/asio.hpp>", "no Boost::"),
        ("bridge/mcp/a.cc", '#include "server/shop/a.h"', "knows no service"),
        ("server/shop/a.cc", '#include "bridge/http/a.h"', "bridge/telemetry only"),
        ("bridge/other/a.cc", "", "not in the module table"),
        ("bridge/CMakeLists.txt", "bridge_module(base DEPS mcp)", "cycle base -> mcp -> base"),
        ("bridge/CMakeLists.txt", "bridge_module(jsonrpc DEPS bass)", "no module"),
    ]
    TABLE = ("bridge_module(base LIBS absl::status)\nbridge_module(telemetry DEPS base)\n"
             "bridge_module(http DEPS base\n  LIBS Boost::headers)\nbridge_module(mcp DEPS base http)\n")
    GOOD = {
        "bridge/http/good.cc": '#include "bridge/http/a.h"\n#include "bridge/base/b.h"\n#include <boost/asio.hpp>\n',
        "bridge/main.cc": '#include "bridge/mcp/a.h"\n',
        "server/shop/good.cc": '#include "bridge/telemetry/a.h"\n#include "server/shop/b.h"\n#include <grpcpp/a.h>\n',
    }

    def violations(self, path=None, text=""):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            files = {"bridge/CMakeLists.txt": self.TABLE, **self.GOOD}
            if path:
                files[path] = files.get(path, "") + text + "\n"
            for name, content in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(content)
            return check(root)

    def test_good_tree(self):
        self.assertEqual([], self.violations())

    def test_each_violation_is_found(self):
        for path, text, want in self.ROWS:
            with self.subTest(path=path, text=text):
                found = self.violations(path, text)
                self.assertEqual(1, len(found), found)
                self.assertIn(want, found[0])


if __name__ == "__main__":
    unittest.main()
