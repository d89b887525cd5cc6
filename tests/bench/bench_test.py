#!/usr/bin/env python3
"""The reckoning of the benchmarks: profiles read, budgets compared, targets judged."""
import collections
import pathlib
import tempfile
import unittest

import bench
import budget
import callgrind
import figures

# Two libraries; main calls operator new twice, which calls malloc; names by number after their first use.
PROFILE = """\
version: 1
events: Ir
positions: line

ob=(1) /x/grpc-mcp-bridge
fl=(1) a.cc
fn=(1) main
10 100
cob=(2) /lib/libstdc++.so.6
cfn=(2) operator new(unsigned long)
calls=2 0
+1 70
* 5
ob=(2)
fn=(2)
0 20
cob=(3) /lib/libc.so.6
cfn=(3) malloc
calls=2 0
0 50

ob=(3)
fn=(3)
0 50
ob=(4) /lib/libgrpc.so.29
fn=(4) grpc_init
-1 7
totals: 182
"""


class Callgrind(unittest.TestCase):
    def setUp(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "profile"
            path.write_text(PROFILE)
            self.profile = callgrind.read(path)

    def test_own_cost_by_library(self):
        self.assertEqual({"bridge": 105, "libstdc++": 20, "libc": 50, "grpc": 7}, dict(self.profile.by_group()))

    def test_cost_with_callees(self):
        self.assertEqual({"main": 175}, dict(self.profile.with_callees("bridge")))

    def test_linked_in_libraries_are_not_ours(self):
        binary = "/x/grpc-mcp-bridge"
        for function, group in (("bridge::http::Connection::Advance()", "bridge"),
                                ("void absl::debian3::LocalInvoker<bridge::mcp::ToolCall>()", "bridge"),
                                ("unsigned long boost::asio::io_context::run_one_until<int>()", "bridge"),
                                ("std::__cxx11::basic_string<char>::assign()", "bridge"),
                                ("std::vector<grpc_core::Slice>::push_back()", "grpc"),
                                ("grpc_slice_buffer_add", "grpc"), ("perform_stream_op_locked(void*)", "grpc")):
            with self.subTest(function=function):
                self.assertEqual(group, callgrind.group_of(binary, function))

    def test_allocations_belong_to_who_wants_them(self):
        self.assertEqual({"grpc": 0, "others": 2}, self.profile.allocations())
        self.assertEqual({"main": 2}, dict(self.profile.allocators()))
        calls = collections.Counter({("grpc_call_create", "gpr_malloc"): 3, ("gpr_malloc", "malloc"): 3,
                                     ("bridge::Call()", "malloc"): 1, ("memcpy", "malloc"): 1})
        paths = {"grpc_call_create": "/x/libgrpc.so.29", "bridge::Call()": "/x/grpc-mcp-bridge", "memcpy": "/x/libc.so.6"}
        own = collections.Counter({(path, function): 1 for function, path in paths.items()})
        self.assertEqual({"grpc": 3, "others": 2}, callgrind.Profile(own, calls, collections.Counter()).allocations())


class Budget(unittest.TestCase):
    LIMIT = {"instructions": {"bridge": 50_000, "libc": 10_000, "total": 60_000},
             "allocations": {"grpc": 10.0, "others": 10.0}, "functions": {"bridge Parse": 1000, "bridge Gone": 500}}
    ROWS = [  # bridge, libc, allocations of gRPC and of others: what is over, whether it could be tighter
        (50_000, 10_000, (10, 10), [], False),
        (51_400, 10_000, (10, 10), [], False),
        (51_600, 10_000, (10, 10), ["bridge takes"], False),
        (50_000, 10_900, (10, 10), [], False),
        (50_000, 11_100, (10, 10), [], False),
        (50_000, 11_300, (10, 10), ["libc takes"], False),
        (53_000, 10_000, (10, 10), ["bridge takes", "total takes"], False),
        (50_000, 10_000, (10.9, 10.4), [], False),
        (50_000, 10_000, (10, 10.6), ["others make"], False),
        (50_000, 10_000, (11.1, 10), ["grpc make"], False),
        (46_000, 10_000, (10, 10), [], True),
        (50_000, 10_000, (10, 8), [], True),
        (50_000, 10_000, (8, 10), [], True),
    ]

    def test_rows(self):
        for bridge, libc, allocations, over, loose in self.ROWS:
            seen = {"instructions": {"bridge": bridge, "libc": libc, "total": bridge + libc},
                    "allocations": dict(zip(("grpc", "others"), allocations))}
            with self.subTest(bridge=bridge, libc=libc, allocations=allocations):
                lines, is_loose = budget.compare("small", self.LIMIT, seen)
                self.assertEqual(over, [" ".join(line.split()[1:3]) for line in lines], lines)
                self.assertEqual(loose, is_loose)

    def test_says_what_grew_most(self):
        seen = {"functions": {"bridge Parse": 1500, "bridge New": 700}}
        self.assertEqual(["    +500 bridge Parse", "    +200 bridge New"], budget.grown(self.LIMIT, seen))


class Figures(unittest.TestCase):
    CALL = {"calls_per_s": 1.0, "p99_us": 1.0, "upstream_us": 8.0}

    def report(self, bridge_us, added_us):
        small = [bench.Case("small", 16, bench.SMALL), bench.Case("small", 16, bench.SMALL, "tracing 1 %", "1 %")]
        later = [bench.Case("small after 20 ms", 16, bench.LATER),
                 bench.Case("small after 20 ms", 16, bench.LATER, "tracing 1 %", "1 %")]
        bare = {**self.CALL, "client_us": 10.0, "p50_us": 20_000}
        bridged = {**self.CALL, "bridge_us": bridge_us, "wrk_us": 5.0, "p50_us": 20_000 + added_us}
        return {"calls": bench.rows({small[0]: [bare] * 3, small[1]: [bridged] * 3,
                                     later[0]: [bare] * 3, later[1]: [bridged] * 3})}

    def test_targets(self):
        for bridge_us, added_us, met in ((22.9, 599, [True, True]), (23.1, 601, [False, False])):
            with self.subTest(bridge_us=bridge_us):
                targets = figures.targets(self.report(bridge_us, added_us))
                self.assertEqual(["small call, 16 connections", "upstream of 20 ms: p50 added"],
                                 [target["name"] for target in targets])
                self.assertEqual(met, [target["met"] for target in targets])

    def test_targets_of_the_codec(self):
        def measured(ns, mb_per_s):
            names = ("JsonToWire/order_1kb", "WireToJson/order_1kb", "JsonToWire/orders_100")
            base = [{"name": name, "ns": 3000} for name in ("JsonUtilToWire/order_1kb", "JsonUtilToJson/order_1kb")]
            return {"micro": [*base, *({"name": name, "ns": ns, "mb_per_s": mb_per_s} for name in names)]}

        for ns, mb_per_s, met in ((99, 610, True), (101, 590, False)):
            self.assertEqual([met] * 3, [target["met"] for target in figures.targets(measured(ns, mb_per_s))])

    def test_a_message_of_a_stream_is_compared_with_one_of_a_bare_stream(self):
        what = "message of a stream of 1,000 small"
        small, bare, bridged = (bench.Case("small", 16, bench.SMALL), bench.Case(what, 16, bench.STREAM),
                                bench.Case(what, 16, bench.STREAM, "streams", "1 %"))
        for bridge_us, met in ((5980, True), (6020, False)):
            seen = {case: [bench.each_message(case, window)] for case, window in {
                small: {"client_us": 10.0}, bare: {"client_us": 2000.0, "p50_us": 40_000},
                bridged: {"bridge_us": bridge_us, "p50_us": 90_000}}.items()}
            rows = bench.rows(seen)
            self.assertEqual((2.0, 40_000), (rows[1]["client_us"], rows[1]["p50_us"]))
            self.assertEqual([(what, met)],
                             [(target["name"], target["met"]) for target in figures.targets({"calls": rows})])

    def test_targets_of_streams(self):
        measured = {"slow_reader_bytes": 8 << 20, "slow_reader_sent": 10_000, "stream_bytes": 64 << 10,
                    "never_reads_seconds": 35.5}
        self.assertEqual([True, False, True, False],
                         [target["met"] for target in figures.targets({"streams": measured})])

    def test_ratio_is_of_the_same_round(self):
        base, bridged = bench.Case("small", 1, bench.SMALL), bench.Case("small", 1, bench.SMALL, "tracing off", "off")
        windows = {base: [{"client_us": us} for us in (10.0, 20.0, 40.0)],
                   bridged: [{"bridge_us": us} for us in (20.0, 40.0, 120.0)]}
        row = bench.rows(windows)[1]
        self.assertEqual((2.0, 2.0, 3.0), (row["ratio"], row["ratio_least"], row["ratio_most"]))

    def test_only_keeps_what_is_compared_with(self):
        chosen = bench.choose(bench.all_cases(quick=False), "^medium, 64, tracing off")
        self.assertEqual(["small, 64, bare client", "medium, 64, bare client", "medium, 64, tracing off"],
                         [case.name for case in chosen])


if __name__ == "__main__":
    unittest.main()
