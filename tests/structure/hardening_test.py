#!/usr/bin/env python3
"""The release binary is hardened: cmake/hardening.cmake's flags reached the compiler and the linker.

    hardening_test.py BINARY COMPILE_COMMANDS
"""
import json
import pathlib
import re
import subprocess
import sys
import unittest

BINARY, COMMANDS = sys.argv.pop(1), sys.argv.pop(1)


def readelf(*options):
    return subprocess.run(["readelf", "--wide", *options, BINARY], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, check=True).stdout


class Hardening(unittest.TestCase):
    def test_position_independent(self):
        self.assertRegex(readelf("--file-header"), r"Type:\s+DYN \(Position-Independent Executable file\)")

    def test_tables_are_read_only_from_the_start(self):
        self.assertRegex(readelf("--program-headers"), r"\bGNU_RELRO\b")
        self.assertRegex(readelf("--dynamic"), r"\(FLAGS\)\s+.*\bBIND_NOW\b")

    def test_no_segment_is_writable_and_executable(self):
        flags = re.findall(r"^\s+(\w+)\s+(?:0x\w+\s+){5}([RWE ]{3})\s", readelf("--program-headers"), re.M)
        self.assertIn(("GNU_STACK", "RW "), flags)
        self.assertEqual([], [name for name, flag in flags if "W" in flag and "E" in flag])

    def test_checks_are_compiled_in(self):
        imported = set(re.findall(r" UND ([^@\s]+)", readelf("--dyn-syms")))
        wanted = {"__stack_chk_fail", "_ZSt21__glibcxx_assert_failPKciS0_S0_"}
        self.assertEqual(set(), wanted - imported)

    # The packaged archives import the checked functions in any case, so that the binary proves nothing of our own code.
    def test_our_sources_are_compiled_with_every_check(self):
        entries = [e for e in json.loads(pathlib.Path(COMMANDS).read_text()) if "/bridge/" in e["file"]]
        self.assertGreater(len(entries), 100)
        for flag in ("-fstack-protector-strong", "-fstack-clash-protection", "-D_FORTIFY_SOURCE=3", "-D_GLIBCXX_ASSERTIONS"):
            with self.subTest(flag=flag):
                self.assertEqual([], [e["file"] for e in entries if flag not in e["command"].split()])


if __name__ == "__main__":
    unittest.main()
