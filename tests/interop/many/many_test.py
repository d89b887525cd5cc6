#!/usr/bin/env python3
"""many_test.py BIN_FOLDER GO_CLIENT   the official clients in front of 500 tools: a plain call of tools/list, which reads
one page and no more, gets all of them."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "scripts"))
from shop import Program  # noqa: E402

BIN, GO_CLIENT = sys.argv[1:]
COUNT = 500
PYTHON, NODE = ["python3", HERE / "list.py"], ["node", HERE / "list.mjs"]


class Many(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="many-")
        cls.programs = []
        server = cls.start("many", ["python3", HERE / "server.py", str(COUNT)])
        cls.target = f"many={server.ready['grpc']}"
        cls.whole = cls.start_bridge("whole")
        cls.paged = cls.start_bridge("paged", "--page-size", "100")

    @classmethod
    def tearDownClass(cls):
        problems = [problem for program in reversed(cls.programs) if (problem := program.stop())]
        cls.folder.cleanup()
        if problems:
            raise AssertionError(problems)

    @classmethod
    def start(cls, name, command):
        cls.programs.append(Program(name, command, pathlib.Path(cls.folder.name) / f"{name}.log", {}))
        return cls.programs[-1]

    @classmethod
    def start_bridge(cls, name, *options):
        command = [pathlib.Path(BIN) / "grpc-mcp-bridge", "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
        bridge = cls.start(name, [*command, *options, cls.target])
        assert bridge.ready["tools"] == str(COUNT), bridge.ready
        return bridge.ready["mcp"]

    def listed(self, client, url, *words):
        done = subprocess.run([*client, url, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)
        return int(done.stdout)

    def test_b27_python(self):
        for mode in ("legacy", "auto"):
            self.assertEqual(COUNT, self.listed(PYTHON, self.whole, mode), mode)

    def test_b27_typescript(self):
        for era in ("legacy", "modern"):
            self.assertEqual(COUNT, self.listed(NODE, self.whole, era), era)

    def test_b27_go(self):
        self.assertEqual(COUNT, self.listed([GO_CLIENT], self.whole))

    def test_b27_a_plain_call_reads_one_page(self):
        """What the others would see if all tools were not on it; the newer TypeScript client goes on by itself."""
        self.assertEqual(100, self.listed([GO_CLIENT], self.paged))
        self.assertEqual(100, self.listed(PYTHON, self.paged, "legacy"))
        self.assertEqual(100, self.listed(NODE, self.paged, "legacy"))


unittest.main(argv=sys.argv[:1], verbosity=2)
