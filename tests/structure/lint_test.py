#!/usr/bin/env python3
"""clang-format and clang-tidy are really on: lint that silently checks nothing looks just like clean code."""
import pathlib
import re
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# One sin for each family and for the checks that mean most to us; the set below is what must be reported.
SINS = """
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>
namespace sins {
struct bad_name {};
struct Wrapped {
  Wrapped(int number);
};
inline constexpr int limit = 1;
inline int CamelVariable(int BadParameter) { return BadParameter; }
inline size_t UseAfterMove(std::string text) {
  std::string other = std::move(text);
  return text.size() + other.size();
}
inline bool Empty(const std::vector<int>& items) { return items.size() == 0; }
inline int Copies(const std::vector<std::string>& items) {
  int sum = 0;
  for (const std::string item : items) sum += static_cast<int>(item.size());
  return sum;
}
inline char* Pointer() { return 0; }
inline int Divide(int number) {
  int zero = 0;
  return number / zero;
}
inline std::string Environment() { return std::getenv("HOME"); }
inline int Unused(int number) { return 1; }
class Holder {
  int number = 0;
};
}  // namespace sins
"""
REPORTED = {
    "bugprone-use-after-move",
    "clang-analyzer-core.DivideZero",
    "clang-analyzer-cplusplus.Move",
    "clang-analyzer-cplusplus.StringChecker",
    "google-explicit-constructor",
    "misc-unused-parameters",
    "misc-use-internal-linkage",
    "modernize-use-nullptr",
    "performance-for-range-copy",
    "readability-container-size-empty",
    "readability-identifier-naming",
}
UGLY = "int  main( ){return 0;}\n"
PRETTY = "int main() {\n  return 0;\n}\n"


def tidy_checks(*arguments):
    listing = subprocess.run(["clang-tidy-19", "--list-checks", *arguments, "--"], capture_output=True, text=True,
                             stdin=subprocess.DEVNULL, cwd=ROOT, check=True).stdout
    return {line.strip() for line in listing.splitlines() if line.startswith("    ")}


def format_sources(paths):
    return subprocess.run(["clang-format-19", "--dry-run", "-Werror", f"--style=file:{ROOT}/.clang-format", *paths],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)


class Format(unittest.TestCase):
    def test_the_tree_is_formatted(self):
        listing = subprocess.run(["git", "-C", ROOT, "ls-files", "-z", "*.h", "*.cc"], capture_output=True, text=True,
                                 check=True).stdout
        paths = [ROOT / name for name in listing.split("\0") if name and (ROOT / name).exists()]
        self.assertGreater(len(paths), 10)
        done = format_sources(paths)
        ugly = sorted(set(re.findall(r"^(\S+?):\d+:\d+: error", done.stderr, re.M)))
        self.assertEqual(0, done.returncode, "run clang-format-19 -i " + " ".join(ugly))

    def test_an_ugly_file_is_reported_and_a_pretty_one_is_not(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.cc"
            path.write_text(UGLY)
            self.assertNotEqual(0, format_sources([path]).returncode)
            path.write_text(PRETTY)
            self.assertEqual(0, format_sources([path]).returncode)


class Tidy(unittest.TestCase):
    def test_sins_are_reported(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "sins.cc"
            path.write_text(SINS)
            done = subprocess.run(["clang-tidy-19", f"--config-file={ROOT}/.clang-tidy", path, "--", "-std=c++20"],
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL)
        self.assertNotEqual(0, done.returncode, "findings are not errors")
        reported = set()
        for names in re.findall(r" error: .*\[([^\]]+)\]$", done.stdout, re.M):
            reported.update(name for name in names.split(",") if not name.startswith("-"))
        self.assertEqual(REPORTED, reported, done.stdout)

    def test_the_quick_checks_are_some_of_all(self):
        names = re.search(r'^QUICK = """(.*?)"""', (ROOT / "scripts/tidy").read_text(), re.M | re.S)[1].split()
        self.assertEqual(sorted(set(names)), names)
        self.assertEqual(set(), set(names) - tidy_checks(f"--config-file={ROOT}/.clang-tidy"))

    def test_every_row_of_the_configuration_does_something(self):
        text = (ROOT / ".clang-tidy").read_text()
        rows = re.findall(r"^  - '?([^'\s]+)'?$", text.split("WarningsAsErrors")[0], re.M)
        self.assertEqual("-*", rows[0])
        known, on = tidy_checks("--checks=*"), tidy_checks(f"--config-file={ROOT}/.clang-tidy")
        self.assertGreater(len(on), 200)
        for row in rows[1:]:
            pattern = re.compile(re.escape(row.lstrip("-")).replace(r"\*", ".*") + "$")
            with self.subTest(row=row):
                self.assertTrue(any(pattern.match(check) for check in known), "no such check")
                self.assertEqual(not row.startswith("-"), any(pattern.match(check) for check in on))


if __name__ == "__main__":
    unittest.main()
