#!/usr/bin/env python3
"""The judgement of run.py: each way a result can differ from what is expected is seen."""
import unittest

import run

NAMED = run.named_failures("# a comment - not:this\nserver:\n  # why\n  - tools:image\n  - 'prompts:list' # why\n")


def results(**statuses):
    """results(tools_image="FAILURE") -> {"tools": [{"id": "image", "status": "FAILURE"}]}"""
    found = {}
    for name, status in statuses.items():
        scenario, check = name.split("_")
        found.setdefault(scenario, []).append({"id": check, "status": status})
    return found


ROWS = [  # (results, part of the problem or None)
    (results(tools_image="FAILURE", prompts_list="WARNING", ping_ping="SUCCESS"), None),
    (results(tools_image="FAILURE", tools_text="FAILURE", prompts_list="WARNING", ping_ping="SUCCESS"), "tools:text fails"),
    (results(tools_image="FAILURE", tools_text="WARNING", prompts_list="WARNING", ping_ping="SUCCESS"), "tools:text fails"),
    (results(tools_image="SUCCESS", prompts_list="FAILURE", ping_ping="SUCCESS"), "tools:image is named, but"),
    (results(prompts_list="FAILURE", ping_ping="SUCCESS"), "tools:image is named, but"),
    (results(tools_image="FAILURE", prompts_list="FAILURE"), "ping must pass, but it is not run"),
    (results(tools_image="FAILURE", prompts_list="FAILURE", ping_ping="SKIPPED"), "ping must pass, but it is SKIPPED"),
    (results(tools_image="FAILURE", prompts_list="FAILURE", ping_ping="INFO"), "ping must pass, but it is INFO"),
]


class Judgement(unittest.TestCase):
    def test_the_file_is_read(self):
        self.assertEqual({"tools:image", "prompts:list"}, NAMED)

    def test_each_row(self):
        for found, want in ROWS:
            with self.subTest(found):
                problems = run.problems_of({"ping"}, NAMED, found)
                self.assertEqual(want is not None, len(problems) == 1, problems)
                self.assertIn(want or "", "".join(problems))


if __name__ == "__main__":
    unittest.main()
