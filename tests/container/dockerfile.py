"""Reads a Dockerfile: its stages, what each does, and what the image it makes would say of itself.

Only what our Dockerfile needs; anything else is an error, so that nothing is passed over."""
import dataclasses
import json
import re
import shlex

FLAG = re.compile(r"--([\w-]+)=(\S+)\s+")
BUILDING = {"RUN", "COPY"}
SAYING = {"USER", "WORKDIR", "EXPOSE", "LABEL", "STOPSIGNAL", "ENTRYPOINT", "CMD", "HEALTHCHECK"}


@dataclasses.dataclass
class Step:
    line: int
    keyword: str
    flags: list  # [(name, value)]
    text: str


@dataclasses.dataclass
class Stage:
    name: str
    base: str
    steps: list = dataclasses.field(default_factory=list)
    image: dict = dataclasses.field(default_factory=dict)  # inherited from a stage it is based on


def instructions(text):
    """[(number of the first line, instruction on one line)]"""
    found, start, parts = [], 0, []
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("#") or (not line.strip() and not parts):
            continue
        start = start if parts else number
        parts.append(line.rstrip().removesuffix("\\").strip())
        if not line.rstrip().endswith("\\"):
            found.append((start, " ".join(parts)))
            parts = []
    return found


def command(text):
    """The words of the exec form; the shell form would need a shell at run time."""
    if not text.startswith("["):
        raise ValueError(f"{text!r} is no exec form: the image shall need no shell")
    return json.loads(text)


def describe(image, keyword, text):
    if keyword == "EXPOSE":
        image.setdefault(keyword, set()).update(int(port) for port in text.split())
    elif keyword == "LABEL":
        image.setdefault(keyword, {}).update(word.split("=", 1) for word in shlex.split(text))
    elif keyword == "HEALTHCHECK":
        image[keyword] = command(text.removeprefix("CMD").strip())
    elif keyword in ("ENTRYPOINT", "CMD"):
        image[keyword] = command(text)
    else:
        image[keyword] = text


def parse(text):
    """{name: Stage} in the order of the file."""
    arguments, stages, stage = {}, {}, None
    for line, instruction in instructions(text):
        keyword, _, rest = instruction.partition(" ")
        flags, rest = [], rest.strip()
        while found := FLAG.match(rest):
            flags.append(found.groups())
            rest = rest[found.end():]
        if keyword == "ARG" and stage is None:
            name, _, value = rest.partition("=")
            arguments[name] = value
        elif keyword == "FROM":
            base, as_word, name = rest.split()
            if as_word != "AS":
                raise ValueError(f"line {line}: a stage needs a name")
            base = re.sub(r"\$\{(\w+)\}", lambda found: arguments[found.group(1)], base)
            stage = stages[name] = Stage(name, base)
            if base in stages:
                stage.image = {key: value.copy() if hasattr(value, "copy") else value
                               for key, value in stages[base].image.items()}
        elif stage is not None and keyword in BUILDING | SAYING:
            stage.steps.append(Step(line, keyword, flags, rest))
            if keyword in SAYING:
                describe(stage.image, keyword, rest)
        else:
            raise ValueError(f"line {line}: {keyword} is not understood here")
    return stages
