#!/usr/bin/env python3
"""docs/limits.md says what the sources say: each row names a constant and its value, each member of a struct of limits
has a row, and options exist with that default."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNITS = {"KiB": 1024, "MiB": 1024 * 1024, "bytes": 1, "s": 1, "ms": 0.001, "": 1}
# Structs whose every member is a limit on what comes from outside.
STRUCTS = {"http/limits.h": "Limits", "upstream/reflection.h": "ReflectionLimits", "descriptor/graph.h": "GraphLimits",
           "transcode/codec.h": "CodecLimits", "mcp/core.h": "StreamLimits", "telemetry/options.h": "RingLimits"}
ROW = re.compile(r"\| (?P<what>.+?) \| (?P<value>[\d,]+) ?(?P<unit>\w*) \| (?:`(?P<option>[\w-]+)`)? ?\| .+? \| "
                 r"`(?P<file>[\w./]+)` `(?P<name>\w+)` \|")
TYPE = r"(?:size_t|int|std::ptrdiff_t|std::chrono::(?:milli)?seconds|milliseconds|seconds)"


def number(expression):
    """The value of an integer expression of C++: 16 * 1024, 10'000, 32u << 20."""
    text = re.sub(r"(?<=\d)(?:'(?=\d)|u\b)", "", expression)
    if not re.fullmatch(r"[\d\s*+<()]+", text):
        raise ValueError(f"no plain expression: {expression}")
    return eval(text)  # only digits and operators


def constant(file, name):
    """The value of `name` in bridge/`file`; of a duration in seconds."""
    source = (ROOT / "bridge" / file).read_text()
    found = re.findall(rf"\b({TYPE}) {name}(?: = |\{{)(?!0;)([^;{{}}]+)\}}?;", source)  # what begins at 0 only counts
    if len(found) != 1:
        raise ValueError(f"{file} has {len(found)} declarations of {name}")
    kind, expression = found[0]
    return number(expression) / (1000 if "milliseconds" in kind else 1)


def main():
    problems, rows = [], []
    for line in (ROOT / "docs" / "limits.md").read_text().splitlines():
        if not line.startswith("| ") or line.startswith("| what |"):
            continue
        row = ROW.fullmatch(line)
        if not row:
            problems.append(f"not a row: {line}")
            continue
        rows.append((row["file"], row["name"]))
        try:
            want, got = int(row["value"].replace(",", "")) * UNITS[row["unit"]], constant(row["file"], row["name"])
            if want != got:
                problems.append(f"{row['what']}: the page says {want}, {row['file']} {row['name']} is {got:g}")
        except (ValueError, KeyError, OSError) as error:
            problems.append(f"{row['what']}: {error}")
        if row["option"] and f'"{row["option"]}"' not in (ROOT / "bridge" / "app" / "options.cc").read_text():
            problems.append(f"{row['what']}: there is no option {row['option']}")
    for file, struct in STRUCTS.items():
        body = re.search(rf"struct {struct} \{{(.*?)^\}};", (ROOT / "bridge" / file).read_text(), re.S | re.M)[1]
        for name in re.findall(rf"^  {TYPE} (\w+)(?: = |\{{)", body, re.M):
            if (file, name) not in rows:
                problems.append(f"docs/limits.md has no row for {file} {name}")
    print("\n".join(problems) or f"{len(rows)} limits are as documented")
    sys.exit(bool(problems) or len(rows) < 40)


if __name__ == "__main__":
    main()
