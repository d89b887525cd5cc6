"""Makes what `docker build` would make of our Dockerfile, without Docker: each stage is a folder, COPY copies and
RUN runs in it by chroot. Needs root, and mmdebstrap for the base image."""
import fnmatch
import os
import pathlib
import shutil
import subprocess

BUILD_SECONDS = 3600
# In namespaces of its own: what RUN starts ends with it, and mounts go with it.
RUN = """
set -e
root=$1 text=$2
shift 2
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
while [ $# -gt 0 ]; do mkdir -p "$1" "$root$2"; mount --bind "$1" "$root$2"; shift 2; done
exec chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
  /bin/sh -c "cd $WORKDIR && $text"
"""


def run(command, **options):
    """What the command printed. It gets a session of its own, as mmdebstrap signals its process group."""
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=BUILD_SECONDS,
                          start_new_session=True, **options)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


def make_base(root):
    """A minimal Debian 12 in the folder `root`, with this machine's way to its package archive."""
    sources = next((path for path in map(pathlib.Path, ("/etc/apt/sources.list.d/debian.sources",
                                                        "/etc/apt/sources.list")) if path.exists()), None)
    settings = root.with_suffix(".apt")
    settings.write_text(run(["apt-config", "dump", "--no-empty", "--format", "%F \"%v\";%n", "Acquire"]))
    run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
         "mmdebstrap", "--quiet", "--mode=root", "--variant=minbase", f"--aptopt={settings}", "bookworm", root,
         *([sources] if sources else [])])
    certificates = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
    if sources and "https:" in sources.read_text():
        (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
        shutil.copy(certificates, root / "etc/ssl/certs")
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")


class Ignore:
    """A .dockerignore: the last pattern that matches a path or a folder above it decides."""

    def __init__(self, text):
        lines = (line.strip() for line in text.splitlines())
        self.rows = [(not line.startswith("!"), line.lstrip("!")) for line in lines if line and line[0] != "#"]

    def __call__(self, path):
        parts = pathlib.PurePath(path).parts
        ignored = False
        for ignore, pattern in self.rows:
            depth = pattern.count("/") + 1
            if pattern.startswith("**/"):
                matches = any(fnmatch.fnmatch(part, pattern[3:]) for part in parts)
            else:
                matches = len(parts) >= depth and fnmatch.fnmatch("/".join(parts[:depth]), pattern)
            ignored = ignore if matches else ignored
        return ignored


class Builder:
    """`made`: stages that are folders already, which are not made again. `cache`: of --mount=type=cache."""

    def __init__(self, stages, context, base, workspace, cache, made=()):
        self.stages, self.context, self.base = stages, pathlib.Path(context), pathlib.Path(base)
        self.workspace, self.cache = pathlib.Path(workspace), pathlib.Path(cache)
        self.roots = dict(made)
        self.ignore = Ignore((self.context / ".dockerignore").read_text())
        self.log = lambda text: None

    def make(self, name):
        if name not in self.roots:
            stage = self.stages[name]
            below = self.make(stage.base) if stage.base in self.stages else self.base
            root = self.workspace / name
            # Links are enough where nothing runs that might write into a file of the stage below.
            writes = any(step.keyword == "RUN" for step in stage.steps)
            run(["cp", "-a" if writes else "-al", below, root])
            workdir = "/"
            for step in stage.steps:
                self.log(f"{name}: {step.keyword} {step.text[:80]}")
                if step.keyword == "WORKDIR":
                    workdir = step.text
                    (root / workdir.lstrip("/")).mkdir(parents=True, exist_ok=True)
                elif step.keyword == "COPY":
                    self.copy(root, workdir, step)
                elif step.keyword == "RUN":
                    self.run(root, workdir, step)
            self.roots[name] = root
        return self.roots[name]

    def run(self, root, workdir, step):
        mounts = []
        for flag, value in step.flags:
            fields = dict(field.split("=") for field in value.split(","))
            if flag != "mount" or fields.pop("type") != "cache":
                raise ValueError(f"line {step.line}: --{flag}={value} is not understood here")
            mounts += [self.cache, fields.pop("target")]
        run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", RUN, "sh", root, step.text, *mounts],
            env={**os.environ, "WORKDIR": workdir})

    def copy(self, root, workdir, step):
        *sources, target = step.text.split()
        stage = dict(step.flags).get("from")
        origin = self.make(stage) if stage else self.context
        into = root / str(pathlib.PurePosixPath(workdir) / target).lstrip("/")
        if target.endswith(("/", ".")):
            into.mkdir(parents=True, exist_ok=True)
        for source in sources:
            found = [origin] if source == "." else sorted(origin.glob(source.lstrip("/")))
            found = [path for path in found if stage or path == origin or not self.ignore(path.relative_to(origin))]
            if not found:
                raise RuntimeError(f"line {step.line}: COPY {source}: there is no such file")
            for path in found:
                self.copy_tree(path, into, None if stage else self.ignore)

    def copy_tree(self, path, into, ignore):
        if path.is_dir():
            def left_out(folder, names):
                inner = pathlib.Path(folder).relative_to(self.context)
                return [name for name in names if ignore(inner / name)]
            shutil.copytree(path, into, symlinks=True, dirs_exist_ok=True, ignore=left_out if ignore else None)
        else:
            into = into / path.name if into.is_dir() else into
            into.unlink(missing_ok=True)
            shutil.copy2(path, into)
