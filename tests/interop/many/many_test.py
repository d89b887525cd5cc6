#!/usr/bin/env python3
"""many_test.py BIN_FOLDER GO_DRIVER   the official clients in front of 500 tools: a plain call of tools/list, which
reads one page and no more, gets all of them."""
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[2] / "scripts"), str(HERE.parent / "drivers")]
from shop import Program  # noqa: E402
from steps import drivers, run  # noqa: E402

BIN, GO_DRIVER = sys.argv[1:]
COUNT = 500
DRIVERS = drivers(GO_DRIVER)


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

    def listed(self, client, url):
        (outcome,) = run(DRIVERS[client], url, [{"list": True}])
        return len(outcome["tools"])

    def test_b27_all_clients(self):
        for client in DRIVERS:
            with self.subTest(client):
                self.assertEqual(COUNT, self.listed(client, self.whole))

    def test_b27_a_plain_call_reads_one_page(self):
        """What the others would see if all tools were not on it; the newer TypeScript client goes on by itself."""
        for client in ("go 1.8.0", "python 2.3.0, legacy", "typescript 1.32.2"):
            with self.subTest(client):
                self.assertEqual(100, self.listed(client, self.paged))


unittest.main(argv=sys.argv[:1], verbosity=2)
