#!/usr/bin/env python3
"""upstreams_test.py BIN_FOLDER LANGUAGE COMMAND...   the bridge in front of EchoService in another language.

COMMAND starts the server; it prints "ready grpc=HOST:PORT". Names with NoX say which point of the acceptance
list "what broke in other bridges" they hold."""
import concurrent.futures
import http.client
import json
import os
import pathlib
import sys
import tempfile
import unittest
from urllib.parse import urlsplit

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "scripts"))
from shop import Program  # noqa: E402

BIN, LANGUAGE, *COMMAND = sys.argv[1:]
TIMEOUT_SECONDS = 30
# Longer than any test: only the client's going away can end a call.
CALL_TIMEOUT = "30m"
META = {"io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}}
METHODS = ["AwaitHang", "Echo", "EchoOld", "GetTraceContext", "Hang", "Inspect", "Reject"]
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"

# @grpc/proto-loader drops field_behavior and the word required.
OPTIONS_SURVIVE = not LANGUAGE.startswith("node")

# Every kind of field, as ProtoJSON writes it: what comes back must be equal to the letter.
VALUES = {
    "doubleValue": "NaN",
    "floatValue": "-Infinity",
    "int32Value": -2147483648,
    "int64Value": "9007199254740993",
    "uint32Value": 4294967295,
    "uint64Value": "18446744073709551615",
    "sint32Value": -2147483648,
    "sint64Value": "-9223372036854775808",
    "fixed32Value": 4294967295,
    "fixed64Value": "18446744073709551615",
    "sfixed32Value": -2147483648,
    "sfixed64Value": "-9007199254740993",
    "boolValue": True,
    "stringValue": "Grüße, 世界 🌍 \u0000 \"\\",
    "bytesValue": "AP/+gA==",
    "color": "COLOR_DARK_BLUE",
    "int64List": ["1", "-1", "9007199254740993"],
    "sint32List": [0, -1, 2147483647],
    "doubleList": [0.1, -1.5e300, "Infinity"],
    "stringList": ["", "two"],
    "colors": ["COLOR_RED", "COLOR_UNSPECIFIED"],
    "int64ByName": {"big": "9007199254740993", "": "1"},
    "nameByNumber": {"-3": "minus three", "0": "zero"},
    "valuesByName": {"one": {"stringValue": "in a map"}},
    "timestamp": "2026-07-28T12:34:56.789012345Z",
    "duration": "-3.000000001s",
    "fieldMask": "stringValue,child.int64Value",
    "struct": {"ratio": 0.5, "deep": {"list": [None, True, "x", {}]}},
    "value": [1.5, None, {"a": "b"}],
    "listValue": ["x", False],
    "any": {"@type": "type.googleapis.com/interop.values.v1.Values.Inner", "label": "packed"},
    "int64Wrapper": "9007199254740993",
    "stringWrapper": "",
    "bytesWrapper": "/w==",
    "boolWrapper": False,
    "number": "-9007199254740993",
    "optionalInt32": 0,
    "child": {"stringValue": "child", "child": {"stringValue": "grandchild", "child": {}}},
    "children": [{"color": "COLOR_RED"}, {}],
    "inner": {"label": "inside"},
}

# What the server must see in VALUES, in its own language.
FACTS = {
    "int64_value": "9007199254740993",
    "uint64_value": "18446744073709551615",
    "sint64_value": "-9223372036854775808",
    "fixed64_value": "18446744073709551615",
    "sint32_value": "-2147483648",
    "double_is_nan": "true",
    "float_is_negative_infinity": "true",
    "bytes_value": "00fffe80",
    "color": "COLOR_DARK_BLUE",
    "int64_list": "1 -1 9007199254740993",
    "int64_by_name": "9007199254740993",
    "name_by_number": "minus three",
    "nested_in_map": "in a map",
    "timestamp": "1785242096 s 789012345 ns",
    "duration": "-3 s -1 ns",
    "field_mask": "string_value child.int64_value",
    "struct_number": "0.5",
    "any_type": "type.googleapis.com/interop.values.v1.Values.Inner",
    "int64_wrapper": "9007199254740993",
    "bytes_wrapper": "ff",
    "bool_wrapper": "present, false",
    "choice": "number",
    "number": "-9007199254740993",
    "optional_int32": "present, 0",
    "optional_string": "absent",
    "grandchild": "grandchild",
    "inner": "inside",
}


class Bridge:
    """The server, the bridge in front of it, and requests of revision 2026-07-28 to it."""

    def __init__(self, environment=None):
        """`environment` is the server's, beside ours."""
        self._environment = {"PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
        self._folder = tempfile.TemporaryDirectory(prefix="upstreams-")
        self.programs = []
        try:
            server = self._start(LANGUAGE, COMMAND)
            bridge = self._start("grpc-mcp-bridge", [
                pathlib.Path(BIN) / "grpc-mcp-bridge", "serve", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0",
                "--call-timeout", CALL_TIMEOUT, f"{LANGUAGE}={server.ready['grpc']}"])
        except BaseException:
            self.stop()
            raise
        self.host = urlsplit(bridge.ready["mcp"]).netloc

    def _start(self, name, command):
        log = pathlib.Path(self._folder.name) / f"{name}.log"
        program = Program(name, [str(word) for word in command], log, self._environment)
        self.programs.append(program)
        return program

    def stop(self):
        """Returns what went wrong."""
        problems = [problem for program in reversed(self.programs) if (problem := program.stop())]
        self._folder.cleanup()
        return problems

    def open(self, method, params, headers=()):
        """Sends a request; the connection is the caller's."""
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}})
        connection = http.client.HTTPConnection(self.host, timeout=TIMEOUT_SECONDS)
        connection.request("POST", "/mcp", body.encode(), {
            "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
            "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method, **dict(headers)})
        return connection

    def open_call(self, tool, arguments, headers=()):
        return self.open("tools/call", {"name": tool, "arguments": arguments}, {"Mcp-Name": tool, **dict(headers)})

    @staticmethod
    def result(connection):
        try:
            response = connection.getresponse()
            text = response.read()
            if response.status != 200:
                raise AssertionError(f"{response.status} {text!r}")
            # Python's integers have no limit, and NaN must not come as a bare word.
            message = json.loads(text, parse_constant=lambda word: f"bare {word}")
            return message["result"]
        finally:
            connection.close()

    def list(self):
        return self.result(self.open("tools/list", {}))["tools"]

    def call(self, method, arguments, headers=()):
        return self.result(self.open_call(f"Echo_{method}", arguments, headers))

    def answer(self, method, arguments, headers=()):
        """The typed answer of a call that must not fail."""
        result = self.call(method, arguments, headers)
        if result.get("isError"):
            raise AssertionError(text_of(result))
        return result["structuredContent"]


def text_of(result):
    return "".join(block["text"] for block in result["content"])


def follow(schema, *path):
    """The schema at a path of property names, through $ref and anyOf."""
    root = schema
    for name in path:
        schema = schema["properties"][name]
        if "$ref" in schema:
            schema = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
    return schema


@unittest.skipUnless(LANGUAGE == "go", "grpc-go is the server that can end its connections")
class ShortConnections(unittest.TestCase):
    def test_b25_no_call_is_lost_with_the_connections_it_could_have_taken(self):
        calls = int(os.environ.get("CYCLING_CALLS", "2000"))
        for age in ("50", "200", "1000"):
            with self.subTest(milliseconds=age):
                bridge = Bridge({"CONNECTION_AGE_MS": age})
                self.addCleanup(bridge.stop)
                with concurrent.futures.ThreadPoolExecutor(8) as callers:
                    results = list(callers.map(lambda _: bridge.call("Echo", {"values": {}}), range(calls)))
                self.assertEqual([text_of(result) for result in results if result.get("isError")], [])


class Upstream(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.bridge = Bridge()
        cls.addClassCleanup(cls.end)

    @classmethod
    def end(cls):
        if problems := cls.bridge.stop():
            raise RuntimeError("\n".join(problems))

    def tool(self, method):
        return next(tool for tool in self.bridge.list() if tool["name"] == f"Echo_{method}")

    def values_schema(self):
        return self.tool("Echo")["inputSchema"]

    # Lists.

    def test_No1_a_service_in_two_files_has_all_its_tools(self):
        self.assertEqual(sorted(tool["name"] for tool in self.bridge.list() if tool["name"].startswith("Echo_")),
                         [f"Echo_{name}" for name in METHODS])

    def test_No2_imports_that_only_options_need_may_be_missing(self):
        description = self.tool("Reject")["inputSchema"]
        self.assertEqual(sorted(description["properties"]), ["description", "field"])

    def test_No3_the_schema_of_a_recursive_message_ends(self):
        self.assertLess(len(json.dumps(self.tool("Echo"))), 200_000)
        self.assertEqual(follow(self.values_schema(), "values", "child")["type"], "object")

    def test_No4_well_known_types_are_described_by_their_json_form(self):
        types = {name: follow(self.values_schema(), "values", name).get("type")
                 for name in ("timestamp", "duration", "fieldMask", "struct", "listValue", "int64Wrapper",
                              "stringWrapper", "bytesWrapper", "boolWrapper", "int64Value", "bytesValue", "color")}
        self.assertEqual(types, {
            "timestamp": "string", "duration": "string", "fieldMask": "string", "struct": "object",
            "listValue": "array", "int64Wrapper": "string", "stringWrapper": "string", "bytesWrapper": "string",
            "boolWrapper": "boolean", "int64Value": "string", "bytesValue": "string", "color": "string"})
        self.assertEqual(follow(self.values_schema(), "values", "color")["enum"],
                         ["COLOR_RED", "COLOR_DARK_BLUE"])

    def test_No6_a_oneof_is_plain_members_without_a_union(self):
        schema = follow(self.values_schema(), "values")
        self.assertFalse({"oneOf", "anyOf", "allOf"} & set(schema))
        self.assertLessEqual({"text", "number", "nested"}, set(schema["properties"]))

    def test_No7_proto3_optional_adds_nothing(self):
        schema = follow(self.values_schema(), "values")
        self.assertEqual([name for name in schema["properties"] if name.startswith("_")], [])
        self.assertNotIn("optionalInt32", schema.get("required", []))
        self.assertNotIn("_optional", json.dumps(schema))

    def test_No9_required_comes_from_field_behavior_and_proto2_only(self):
        self.assertEqual(self.tool("Reject")["inputSchema"].get("required", []),
                         ["field"] if OPTIONS_SURVIVE else [])
        self.assertEqual(self.tool("EchoOld")["inputSchema"].get("required", []),
                         ["name"] if OPTIONS_SURVIVE else [])
        self.assertEqual(self.tool("Echo")["inputSchema"].get("required", []), [])

    def test_No10_tools_have_descriptions_without_comments(self):
        for tool in self.bridge.list():
            self.assertTrue(tool["description"], tool["name"])
            self.assertNotIn("A Timestamp represents a point in time", json.dumps(tool))

    def test_No13_the_list_is_stable(self):
        self.assertEqual(self.bridge.list(), self.bridge.list())

    def test_No14_reflection_is_no_tool(self):
        self.assertNotIn("eflection", " ".join(tool["name"] for tool in self.bridge.list()))

    # Values.

    def test_No4_every_value_comes_back_as_it_was_sent(self):
        self.assertEqual(self.bridge.answer("Echo", {"values": VALUES}), {"values": VALUES})

    def test_No4_the_service_sees_what_was_meant(self):
        self.assertEqual(self.bridge.answer("Inspect", {"values": VALUES}), {"facts": FACTS})

    def test_No4_names_of_the_proto_are_accepted(self):
        self.assertEqual(self.bridge.answer("Echo", {"values": {"string_value": "x", "int64_wrapper": 7}}),
                         {"values": {"stringValue": "x", "int64Wrapper": "7"}})

    def test_No5_large_integers_as_numbers_are_exact(self):
        sent = {"int64Value": 9007199254740993, "uint64Value": 18446744073709551615, "int64List": [-9007199254740993]}
        self.assertEqual(self.bridge.answer("Echo", {"values": sent})["values"], {
            "int64Value": "9007199254740993", "uint64Value": "18446744073709551615",
            "int64List": ["-9007199254740993"]})

    def test_No6_each_member_of_a_oneof_keeps_its_default(self):
        for choice in ({"text": ""}, {"number": "0"}, {"nested": {}}):
            with self.subTest(choice):
                self.assertEqual(self.bridge.answer("Echo", {"values": choice})["values"], choice)

    def test_No6_two_members_of_a_oneof_are_an_error_that_names_them(self):
        result = self.bridge.call("Echo", {"values": {"text": "a", "number": "1"}})
        self.assertIs(result["isError"], True)
        for word in ('"text"', '"number"'):
            self.assertIn(word, text_of(result))

    def test_No7_an_optional_zero_stays_and_an_absent_one_stays_absent(self):
        self.assertEqual(self.bridge.answer("Echo", {"values": {"optionalInt32": 0, "optionalString": ""}})["values"],
                         {"optionalInt32": 0, "optionalString": ""})
        self.assertEqual(self.bridge.answer("Echo", {"values": {}})["values"], {})

    def test_No8_an_unknown_field_names_the_nearest(self):
        result = self.bridge.call("Echo", {"values": {"timestmp": "2026-07-28T00:00:00Z"}})
        self.assertIs(result["isError"], True)
        self.assertIn('"timestamp"', text_of(result))

    def test_No11_a_typed_answer_is_also_its_text(self):
        self.assertIn("outputSchema", self.tool("Echo"))
        result = self.bridge.call("Echo", {"values": VALUES})
        self.assertEqual(json.loads(text_of(result)), result["structuredContent"])

    def test_proto2_keeps_what_is_set_and_what_is_not(self):
        for values in ({"name": ""}, {"name": "n", "count": 0, "level": "LEVEL_LOW", "numbers": [0, 1],
                                      "packedNumbers": [-1, 0], "part": {"id": ""}}):
            with self.subTest(values):
                self.assertEqual(self.bridge.answer("EchoOld", values), values)

    def test_an_enum_number_without_a_name_survives(self):
        arguments = {"values": {"color": 99, "colors": [7, 98]}}
        self.assertEqual(self.bridge.answer("Echo", arguments)["values"], {"color": 99, "colors": [
            "COLOR_DARK_BLUE", 98]})

    def test_a_large_message_comes_back(self):
        sent = {"values": {"stringValue": "ü" * 200_000, "int64List": [str(n) for n in range(10_000)]}}
        self.assertEqual(self.bridge.answer("Echo", sent), sent)

    # Failures, traces, cancellation.

    def test_No12_bad_request_details_reach_the_model(self):
        result = self.bridge.call("Reject", {"field": "values.int64_value", "description": "must be even"})
        self.assertIs(result["isError"], True)
        self.assertNotIn("structuredContent", result)
        text = text_of(result)
        self.assertIn("INVALID_ARGUMENT", text)
        self.assertIn("values.int64Value", text.replace("int64_value", "int64Value"))
        self.assertIn("must be even", text)
        self.assertEqual(result["_meta"]["grpc-mcp-bridge/status"]["name"], "INVALID_ARGUMENT")

    def test_No12_details_beyond_ascii_reach_the_model(self):
        result = self.bridge.call("Reject", {"field": "children[3]", "description": "не годится " * 40})
        self.assertIn("children[3]", text_of(result))
        self.assertIn("не годится", text_of(result))

    def test_No16_the_service_is_in_the_trace_of_the_caller_request_by_request(self):
        for span_id in ("b7ad6b7169203331", "00f067aa0ba902b7"):
            context = self.bridge.answer("GetTraceContext", {}, {
                "traceparent": f"00-{TRACE_ID}-{span_id}-01", "tracestate": f"vendor={span_id}"})
            version, trace_id, parent, flags = context["traceparent"].split("-")
            self.assertEqual((version, trace_id, flags), ("00", TRACE_ID, "01"))
            self.assertNotEqual(parent, span_id, "a span of the bridge lies between")
            self.assertEqual(context["tracestate"], f"vendor={span_id}")

    def test_No16_a_request_without_a_trace_begins_one(self):
        context = self.bridge.answer("GetTraceContext", {})
        self.assertRegex(context["traceparent"], "^00-[0-9a-f]{32}-[0-9a-f]{16}-0[0-3]$")
        self.assertNotIn(TRACE_ID, context["traceparent"])

    def test_a_client_that_goes_away_cancels_the_call_at_the_service(self):
        connection = self.bridge.open_call("Echo_Hang", {"id": "one"})
        started = {"id": "one", "state": "HANG_STATE_STARTED"}
        self.assertEqual(self.bridge.answer("AwaitHang", started), {"state": "HANG_STATE_STARTED"})
        connection.close()
        cancelled = {"id": "one", "state": "HANG_STATE_CANCELLED"}
        self.assertEqual(self.bridge.answer("AwaitHang", cancelled), {"state": "HANG_STATE_CANCELLED"})


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
