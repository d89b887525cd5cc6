#!/usr/bin/env python3
"""The second opinion must be able to disagree: what it takes for whole, for JSON and for an answer of the table."""
import json
import random
import unittest

import corpus
import mutators
import reading

HEAD = b"POST /mcp HTTP/1.1\r\nHost: h\r\n"
OK = "HTTP/1.1 200 OK"
BAD = "HTTP/1.1 400 Bad Request"
JSON = {"content-type": "application/json"}
EVENTS = {"content-type": "text/event-stream"}
RESULT = b'{"jsonrpc":"2.0","id":1,"result":{}}'
TEXT = {"content-type": "text/plain; charset=utf-8", "connection": "close"}


def event(*messages):
    return b"".join(b"event: message\ndata: " + message + b"\n\n" for message in messages)


def progress(count, token="t", method="notifications/progress"):
    return json.dumps({"jsonrpc": "2.0", "method": method,
                       "params": {"progressToken": token, "progress": count, "message": "m"}}).encode()


class FirstRequest(unittest.TestCase):
    def test_rows(self):
        chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
        length = HEAD + b"Content-Length: "
        for data, size in ((b"", None), (HEAD, None), (HEAD + b"\r\n", len(HEAD) + 2),
                           (b"\r\n" + HEAD + b"\r\nX", len(HEAD) + 4), (HEAD + b"X: y\n", -1),
                           (length + b"3\r\n\r\nab", None), (length + b"1\r\n\r\nab", len(length) + 6),
                           (length + b"+1\r\n\r\n", -1), (length + b"5000000\r\n\r\n", -1),
                           (length + b"1\r\nContent-Length: 1\r\n\r\n", -1), (chunked, None),
                           (chunked + b"1\r\na\r\n0\r\n\r\n", len(chunked) + 11),
                           (chunked + b"1\r\na\r\n0\r\nX: y\r\n", None),
                           (chunked + b"1\r\na\r\n0\r\nX: y\r\n\r\n", len(chunked) + 17),
                           (chunked + b"1\r\nab", None), (chunked + b"1\r\nab\r\n", -1),
                           (chunked + b"g\r\n", -1), (chunked + b"1\n", -1), (chunked + b"1\r\na", None)):
            self.assertEqual(reading.first_request(data), size, data)

    def test_answers_due(self):
        whole = HEAD + b"\r\n"
        for data, due in ((HEAD, []), (whole, [b"POST"]), (b"\r\nHEAD / HTTP/1.1\r\n\r\n" + whole, [b"HEAD", b"POST"]),
                          (whole + HEAD, [b"POST"]), (b"X: y\n" + whole, [b"X:"])):
            self.assertEqual(reading.answers_due(data), due, data)


class IsJson(unittest.TestCase):
    def test_rows(self):
        for text, good in ((b"{}", True), (b'{"a":1,"a":2}', True), (b"1e400", True), (b'"\\ud83d\\ude00"', True),
                           (b"[" * 100 + b"]" * 100, True), (b'"[[[["', True),
                           (b"[" * 101 + b"]" * 101, False), (b"", False),
                           (b"NaN", False), (b'"\\ud800"', False), (b'"\xff"', False), (b"\xef\xbb\xbf{}", False),
                           (b"{}x", False), (b"01", False), (b'"\t"', False), (b"[1,]", False)):
            self.assertEqual(reading.is_json(text), good, text)


class NameAnswer(unittest.TestCase):
    def test_named(self):
        error = b'{"jsonrpc":"2.0","id":1,"error":{"code":%d,"message":"m"}}'
        for answer, name in (((BAD, TEXT, b"why\n"), "400 text"), ((BAD, JSON, error % -32020), "400 -32020"),
                             ((OK, JSON, b'{"jsonrpc":"2.0","id":1,"result":{}}'), "200 result empty"),
                             ((OK, JSON, b'[{"jsonrpc":"2.0","id":1,"result":{}}]'), "200 batch"),
                             ((OK, EVENTS, event(RESULT)), "200 result empty (event)"),
                             ((OK, EVENTS, event(b"[" + RESULT + b"]")), "200 batch (event)"),
                             ((OK, EVENTS, b": keep-alive\n\n" + event(progress(1), progress(3), RESULT)),
                              "200 result empty (events)"),
                             (("HTTP/1.1 202 Accepted", {}, b""), "202 empty")):
            self.assertEqual(reading.name_answer(*answer), name)

    def test_unnamed(self):
        error = b'{"jsonrpc":"2.0","id":1,"error":{"code":%d,"message":"m"}}'
        batch = b'[{"jsonrpc":"2.0","id":1,"result":{"a":1}}]'
        for answer in (("HTTP/1.1 500 Internal Server Error", TEXT, b"defect\n"),
                       ("HTTP/1.1 408 Request Timeout", TEXT, b"slow\n"),
                       ("HTTP/1.1 503 Service Unavailable", TEXT, b"full\n"),
                       (BAD, {**TEXT, "connection": "keep-alive"}, b"why\n"), (BAD, TEXT, b"two\nlines\n"),
                       (BAD, JSON, error % -32603), (BAD, JSON, error % -32700), (OK, JSON, batch), (OK, JSON, b"["),
                       (OK, JSON, b'{"jsonrpc":"2.0","result":{}}'), (OK, JSON, batch[1:-1]), (OK, {}, b""),
                       (OK, JSON, b'{"jsonrpc":"2.0","id":1,"id":1,"result":{}}'),
                       ("HTTP/1.1 202 Accepted", JSON, b"{}"),
                       (OK, EVENTS, b"data: {}\n\n"), (OK, EVENTS, b""), (OK, EVENTS, b": keep-alive\n\n"),
                       (OK, EVENTS, event(progress(1))), (OK, EVENTS, event(RESULT, RESULT)),
                       (OK, EVENTS, event(b"[]")), (OK, EVENTS, event(b"[" + progress(1) + b"]")),
                       (OK, EVENTS, event(RESULT, progress(1))), (OK, EVENTS, event(progress(1), progress(1), RESULT)),
                       (OK, EVENTS, event(progress(1), progress(2, "u"), RESULT)),
                       (OK, EVENTS, event(progress(1, method="notifications/message"), RESULT)),
                       (BAD, EVENTS, event(error % -32600)),
                       (OK, JSON, b'{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text"}]}}')):
            with self.assertRaises(reading.Unnamed, msg=answer):
                reading.name_answer(*answer)


class Lines(unittest.TestCase):
    def test_answers_due(self):
        call = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
        for data, due in ((call, (1, 1, 0)), (call + b"\n\n\r\n" + call + b"\r", (2, 2, 0)), (b"{", (1, 1, 1)),
                          (b" ", (1, 1, 1)), (b"[]", (0, 1, 0)), (b"[" + call + b"]", (1, 1, 0)), (b"7", (0, 1, 0)),
                          (b'{"jsonrpc":"2.0","method":"x"}', (0, 1, 0)), (b'{"id":1,"result":{}}', (0, 1, 0))):
            self.assertEqual(reading.lines_due(data), due, data)

    def test_names(self):
        error = b'{"jsonrpc":"2.0","error":{"code":-32700,"message":"m"}}'
        for message, name in ((RESULT, "result empty"), (error, "-32700")):
            self.assertEqual(reading.name_message(None, json.loads(message)), name)
        with self.assertRaises(reading.Unnamed):
            reading.name_message(None, {"jsonrpc": "2.0", "error": {"code": -32020, "message": "m"}})


class Mutators(unittest.TestCase):
    def test_the_same_number_is_the_same_case(self):
        requests = corpus.from_scripts("127.0.0.1:1")
        self.assertGreater(len(requests), 80)
        for number in range(200):
            first, again = (mutators.mutate_http(requests, random.Random(f"http:1:{number}")) for _ in range(2))
            self.assertEqual(first, again)
        ping = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
        changed = sum(mutators.mutate_json(ping, random.Random(number)) != ping for number in range(200))
        self.assertGreater(changed, 150)

    def test_nothing_done_is_the_script(self):
        for request in corpus.from_scripts("127.0.0.1:1"):
            if request.find(b"content-length") != b"4194305":  # one byte too much for the bridge
                self.assertEqual(reading.first_request(request.render()), len(request.render()), request)


if __name__ == "__main__":
    unittest.main()
