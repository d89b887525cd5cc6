#!/usr/bin/env python3
"""All of Google's public APIs, Envoy's, OpenTelemetry's, etcd's and the Kubernetes container runtime's: every
method becomes a tool, every schema of each profile passes the rules of the model vendors, and `grpc-mcp-bridge schema`
prints each tool.

    run.py BIN          the programs of BIN, within the environment of scripts/with-tools

The descriptors are compiled from the .proto files of the npm package google-proto-files and of Go modules, and taken
from the generated code of the PyPI packages in requirements.txt. They are made once and kept in the cache folder of the
test tools."""
import ast
import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

TOOLS = pathlib.Path(os.environ["NPM_TOOLS"])
HERE = pathlib.Path(__file__).resolve().parent
GOOGLE = "google-proto-files@6.0.1"
GOOGLE_SHA256 = "711763f77ea15bbc7436aac53db013b421d2c7b86ae27f4013723970ce54a96e"
# With their hashes as in a go.sum. cri-api: after 0.33 there are options that Debian's protoc does not know.
GO_MODULES = {
    "github.com/grpc-ecosystem/grpc-gateway/v2@v2.32.0": "h1:QMILzF8BA7xftE4zVORkRrlv08m12St3csK4RsyRgRs=",
    "go.etcd.io/etcd/api/v3@v3.7.3": "h1:2tumepXe+wi7Wab64uUO71K7ISQyUWLGC1DJbbc59sY=",
    "k8s.io/cri-api@v0.33.13": "h1:CWYbi901N93b3JJljKchDmIbpcIsd8PF10SFBeJqRXw=",
}


def run(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    if done.returncode:
        lines = [line for line in done.stdout.splitlines() if "warning" not in line]
        sys.exit(f"{command[0]}: " + "\n".join(lines[-20:]))
    return done.stdout


def make_google(work, target):
    """A descriptor set of all of Google's .proto files, with comments."""
    npm = TOOLS / "node" / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    plain = {name: value for name, value in os.environ.items() if name != "NODE_OPTIONS"}
    tarball = work / run("node", npm, "pack", "--silent", GOOGLE, cwd=work, env=plain).strip().splitlines()[-1]
    if hashlib.sha256(tarball.read_bytes()).hexdigest() != GOOGLE_SHA256:
        sys.exit(f"{GOOGLE} is not what it was: its SHA-256 differs from the one in {__file__}")
    run("tar", "-xzf", tarball, "-C", work)
    root = work / "package"
    names = sorted(str(path.relative_to(root)) for path in root.rglob("*.proto"))
    # Protobuf's own files come with the compiler.
    names = [name for name in names if not name.startswith("google/protobuf/")]
    run("protoc", f"-I{root}", "-I/usr/include", "--include_imports", "--include_source_info",
        f"--descriptor_set_out={target}", *names)


def go_module(work, module):
    """The folder of a module's files."""
    environment = {"GOROOT": str(TOOLS / "go"), "GOTOOLCHAIN": "local", "GOPATH": str(work / "go"),
                   "GOFLAGS": "-modcacherw", "GOSUMDB": "off"}
    found = json.loads(run("go", "mod", "download", "-json", module, cwd=work, env=os.environ | environment))
    if found["Sum"] != GO_MODULES[module]:
        sys.exit(f"{module} is not what it was: its hash differs from the one in {__file__}")
    return found["Dir"]


def make_modules(work, target):
    """A descriptor set of etcd's and the container runtime's .proto files, with comments."""
    gateway, etcd, cri = (go_module(work, module) for module in GO_MODULES)
    packaged = "/usr/share/gocode/src"
    run("protoc", f"-I{gateway}", f"-Ietcd/api={etcd}", f"-Icri-api={cri}", "-I/usr/include", f"-I{packaged}",
        f"-I{packaged}/github.com/gogo/googleapis", "--include_imports", "--include_source_info",
        f"--descriptor_set_out={target}", "etcd/api/etcdserverpb/rpc.proto", "cri-api/pkg/apis/runtime/v1/api.proto")


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def make_others(work, target):
    """A descriptor set of what generated *_pb2.py files hold: without comments, as reflection has it."""
    run(sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-compile",
        "--require-hashes", "--target", work / "packages", "--requirement", HERE / "requirements.txt")
    files = []
    for path in sorted((work / "packages").rglob("*_pb2.py")):
        found = re.search(r"AddSerializedFile\((b'.*')\)$", path.read_text(), re.M)
        if found:
            files.append(ast.literal_eval(found[1]))
    target.write_bytes(b"".join(b"\x0a" + varint(len(file)) + file for file in files))


def descriptor_sets():
    pins = GOOGLE_SHA256 + (HERE / "requirements.txt").read_text() + str(GO_MODULES)
    folder = TOOLS.parent / f"corpus-{hashlib.sha256(pins.encode()).hexdigest()[:16]}"
    folder.mkdir(exist_ok=True)
    sets = {"google": make_google, "others": make_others, "modules": make_modules}
    for name, make in sets.items():
        target = folder / f"{name}.binpb"
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=folder) as work:
                made = pathlib.Path(work) / "made"
                make(pathlib.Path(work), made)
                made.rename(target)
    return [folder / f"{name}.binpb" for name in sets]


def print_tools(program, path):
    """How many tools `grpc-mcp-bridge schema` makes of a set, and whether it complains. Sets are printed one by one: they
    have other versions of the same files."""
    printed = subprocess.run([program, "schema", path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    complaints = printed.stderr.splitlines()
    tools = printed.stdout.count(b"\n")
    print(f"schema {path.name}: {tools} tools, {len(printed.stdout) / 1e6:.1f} MB, exit code {printed.returncode}")
    print(b"\n".join(complaints[:20]).decode())
    return tools, complaints or printed.returncode != 0


def main():
    programs = pathlib.Path(sys.argv[1])
    sets = descriptor_sets()
    failed = subprocess.run([programs / "corpus_measure", *sets, "--methods", "4000", sets[0]]).returncode
    tools, complaints = zip(*(print_tools(programs / "grpc-mcp-bridge", path) for path in sets), strict=True)
    sys.exit(bool(failed or any(complaints) or sum(tools) != 13_674))


if __name__ == "__main__":
    main()
