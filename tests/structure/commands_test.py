#!/usr/bin/env python3
"""Every command of the tree starts by itself, whoever starts it: a shell, a Makefile, timeout, env.

Only a shell runs a file whose first line names no interpreter, and it takes the wrong one: itself.
"""
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# What each answers when it is asked for what it does not have; none may do anything before that.
REFUSED = re.compile(r"usage:|unrecognized arguments|no number of seconds")


def commands(folder):
    return sorted(path for path in folder.iterdir() if path.is_file() and path.stat().st_mode & 0o111)


class Commands(unittest.TestCase):
    def test_each_names_its_interpreter(self):
        listing = subprocess.run(["git", "-C", ROOT, "ls-files", "--stage"], capture_output=True, text=True, check=True)
        names = re.findall(r"^100755 \S+ \d\t(.+)$", listing.stdout, re.M)
        self.assertGreater(len(names), 10)
        for name in names:
            with self.subTest(name):
                self.assertRegex((ROOT / name).read_text().split("\n")[0], r"^#!/usr/bin/env (bash|python3)$")

    def test_only_what_starts_names_one(self):
        plain = [path for path in (ROOT / "scripts").iterdir() if path.is_file() and path not in commands(ROOT / "scripts")]
        self.assertGreater(len(plain), 3)
        self.assertEqual([], [path.name for path in plain if path.read_text().startswith("#!")])

    def test_each_of_scripts_starts_without_a_shell_and_refuses_what_it_does_not_know(self):
        for path in commands(ROOT / "scripts"):
            with self.subTest(path.name):
                done = subprocess.run(["timeout", "60", "env", path, "--no-such-option"], capture_output=True, text=True,
                                      stdin=subprocess.DEVNULL)
                self.assertNotEqual(0, done.returncode)
                self.assertRegex(done.stderr, REFUSED)


if __name__ == "__main__":
    unittest.main()
