#!/usr/bin/env python3
"""The README says what is true; and the check of it can fail."""
import tempfile
import time
import unittest

import readme

ROWS = [  # (markdown, part of the problem or "" where all is as shown)
    ("```sh\necho a\n```\n\n```text\na\n```\n", ""),
    ("```sh\necho a\n```\n\n```text\nb\n```\n", "line 2: shown"),
    ("```sh\necho a; echo b\n```\nSee:\n```text\na\n```\n", "shown"),
    ("```sh\nseq 9\n```\n```text\n1\n...\n9\n```\n", ""),
    ("```sh\nseq 9\n```\n```text\n1\n...\n8\n```\n", "shown"),
    ("```sh\necho one two three\n```\n```text\none ... three\n```\n", ""),
    ("```sh\necho one two three\n```\n```text\none ... four\n```\n", "shown"),
    ("```sh\nfalse\ntrue\n```\n", "ended with 1"),
    ("```sh\necho oops >&2; exit 3\n```\n", "ended with 3 and printed:\noops"),
    ("```sh\nx=1\n```\n```sh\necho $x\n```\n```text\n1\n```\n", ""),
    ("```bash\nfalse\n```\n", ""),
    ("```sh\ncat\necho done\n```\n```text\ndone\n```\n", ""),
    ("```sh\necho a+b\n```\n```text\na.b\n```\n", "shown"),
]


class Checker(unittest.TestCase):
    def test_each_row(self):
        with tempfile.TemporaryDirectory() as folder:
            for markdown, want in ROWS:
                with self.subTest(markdown):
                    problem = readme.check(markdown, folder)
                    self.assertIn(want, problem)
                    self.assertEqual(bool(want), bool(problem), problem)

    def test_what_it_starts_it_ends(self):
        with tempfile.TemporaryDirectory() as folder:
            started = time.monotonic()
            self.assertEqual("", readme.check("```sh\nsleep 60 &\n```\n", folder))
            self.assertLess(time.monotonic() - started, 30)


class Readme(unittest.TestCase):
    def test_its_commands_print_what_it_shows(self):
        markdown = (readme.ROOT / "README.md").read_text()
        self.assertTrue(any(expected for _, _, expected in readme.parse(markdown)), "it shows no output")
        self.assertEqual("", readme.check(markdown))


if __name__ == "__main__":
    unittest.main()
