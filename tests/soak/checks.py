"""What an answer must be; whatever carries it."""
import json

# What a call may come to while its service is stopped, killed or replaced.
BROKEN = ("UNAVAILABLE", "UNIMPLEMENTED", "DEADLINE_EXCEEDED", "INTERNAL", "CANCELLED")


class Wrong(Exception):
    """An answer that must not be."""


def expect(right, *seen):
    if not right:
        raise Wrong(repr(seen)[:1000])


def content_of(message):
    """Of a call that must succeed."""
    expect("isError" not in message.get("result", {"isError": 1}), message)
    content = json.loads(text_of(message))
    expect(message["result"].get("structuredContent", content) == content, message)
    return content


def expect_content(message, content):
    expect(content_of(message) == content, message, content)


def expect_echo(message, text):
    expect_content(message, {"text": text})


def status_of(message):
    """The name of the status of a call that must fail."""
    expect(message.get("result", {}).get("isError"), message)
    return message["result"]["_meta"]["grpc-mcp-bridge/status"]["name"]


def expect_error(message, *names):
    expect(status_of(message) in names, message, names)


def text_of(message):
    return message["result"]["content"][0]["text"]


def numbers(values):
    """Messages of StreamService."""
    return [{"value": str(value)} for value in values]


def expect_broken_or(message, content):
    """Of an upstream that may be away: it gave this answer, or it failed, or it has no such method now."""
    if "error" in message:
        expect(message["error"]["code"] == -32602, message)
    elif "isError" in message["result"]:
        expect_error(message, *BROKEN)
    else:
        expect_content(message, content)


class Progress:
    """The progress of one call: with its token, and more each time."""

    def __init__(self, token):
        self.token, self.seen = token, []

    def take(self, message):
        """Whether the message is one of progress."""
        if "method" not in message:
            return False
        params = message.get("params", {})
        expect(message["method"] == "notifications/progress" and params.get("progressToken") == self.token
               and self.token is not None, message, self.token)
        expect(params["progress"] > (self.seen[-1] if self.seen else 0), message, self.seen)
        self.seen.append(params["progress"])
        if params["message"].startswith('{"value":'):  # StreamService mostly counts
            expect(json.loads(params["message"])["value"] == str(params["progress"]), message)
        return True
