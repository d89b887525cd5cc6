#!/usr/bin/env python3
"""stdio.py BIN_FOLDER [REGEX]   plays the wire scripts over stdio: the same messages, the same answers.

Of each script (run.py says what one is) the bodies are sent as lines to a `grpc-mcp-bridge stdio` of its own, and the
lines that it answers are compared with the bodies that the script expects. What is about HTTP alone is in HTTP_ONLY, with
the reason; a script that is neither played nor there fails.
"""
import pathlib
import re
import subprocess
import sys

from run import HERE, SECTION, Mismatch, match_text, split_block, substitute

sys.path.insert(0, str(HERE.parents[1] / "scripts"))
from shop import Shop  # noqa: E402

HTTP_ONLY = {
    "era/batch-mixed.txt": "headers",
    "era/envelope-with-session.txt": "session",
    "era/initialize-with-modern-header.txt": "headers",
    "era/modern-headers-on-handshake.txt": "headers",
    "era/no-envelope-modern-header.txt": "headers",
    "legacy/b16-accept-one-form.txt": "headers",
    "legacy/get.txt": "GET",
    "legacy/header-twice.txt": "headers",
    "legacy/initialize-twice.txt": "a session is in its header",
    "legacy/session-forged.txt": "session",
    "legacy/session-missing.txt": "session",
    "legacy/session-unknown.txt": "session",
    "legacy/session.txt": "session",
    "legacy/version-header-absent.txt": "headers",
    "legacy/version-header-unsupported.txt": "headers",
    "modern/b16-byte-order-mark.txt": "lines of stdio have none",
    "modern/call-with-session-id.txt": "session",
    "modern/header-names-any-case.txt": "headers",
    "modern/header-twice.txt": "headers",
    "modern/json-not-utf8-escape.txt": "headers",
    "modern/meta-missing.txt": "without an envelope a line is legacy, and needs initialize",
    "modern/meta-not-an-object.txt": "as before",
    "modern/meta-without-version.txt": "as before",
    "modern/method-header-case.txt": "headers",
    "modern/method-header-differs.txt": "headers",
    "modern/method-header-missing.txt": "headers",
    "modern/name-header-base64-bad.txt": "headers",
    "modern/name-header-base64.txt": "headers",
    "modern/name-header-differs.txt": "headers",
    "modern/name-header-missing.txt": "headers",
    "modern/name-header-prefix-only.txt": "headers",
    "modern/posted-response.txt": "session",
    "modern/version-header-differs.txt": "headers",
    "modern/version-header-missing.txt": "headers",
}
EVENT = re.compile(r"event: message\ndata: (.*?)(?:\n\n|$)", re.S)


class Client:
    def __init__(self, bin_folder, targets):
        self.process = subprocess.Popen([pathlib.Path(bin_folder) / "grpc-mcp-bridge", "stdio", *targets],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def send(self, line):
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def read(self):
        line = self.process.stdout.readline()
        if not line.endswith(b"\n"):
            raise Mismatch(f"the output ended: {line!r}")
        return line[:-1].decode()

    def end(self):
        """All that comes after the end of the input, and the exit code."""
        self.process.stdin.close()
        rest = self.process.stdout.read().decode()
        return rest, self.process.wait(timeout=30)


def play(path, client):
    parts = SECTION.split(path.read_text())
    variables = {"host": "-"}
    for number, (kind, block) in enumerate(zip(parts[1::2], parts[2::2]), 1):
        if kind == "closed":
            continue
        body = split_block(block)[1]
        try:
            if kind == "client":
                line = substitute(body, variables)
                if "\n" in line:
                    raise Mismatch("the body has several lines")
                client.send(line)
            elif body:
                event = EVENT.match(body)
                want = event[1] if event else body
                match_text(want, client.read(), variables, "line")
        except (Mismatch, OSError) as error:
            raise Mismatch(f"block {number} ({kind}): {error}") from None


def main():
    bin_folder, regex = sys.argv[1], "".join(sys.argv[2:3])
    scripts = {str(path.relative_to(HERE)): path for era in ("era", "legacy", "modern")
               for path in sorted((HERE / era).glob("*.txt"))}
    unknown = HTTP_ONLY.keys() - scripts.keys()
    if unknown:
        sys.exit(f"no such scripts: {sorted(unknown)}")
    chosen = [name for name in scripts if name not in HTTP_ONLY and re.search(regex, name)]
    failed = 0
    with Shop(bin_folder) as shop:
        for name in chosen:
            client = Client(bin_folder, [f"{alias}={address}" for alias, address in shop.services.items()])
            try:
                try:
                    play(scripts[name], client)
                finally:
                    rest, code = client.end()
                if rest or code:
                    raise Mismatch(f"after its input ended it said {rest!r} and exited with {code}")
                print(f"ok   {name}", flush=True)
            except Mismatch as error:
                failed += 1
                print(f"FAIL {name}: {error}", flush=True)
    print(f"{len(chosen)} scripts over stdio, {failed} failed")
    sys.exit(failed > 0 or not chosen)


if __name__ == "__main__":
    main()
