"""Reads callgrind's profiles: instructions by library and function, and who allocates.

The format is described in valgrind's manual ("Callgrind Format Specification"). Names are written once, then
by number; a line after "calls=" is the cost of that call, which its own function has counted already.
"""
import collections
import dataclasses
import pathlib
import re

# By the file name of a loaded object; what none of them matches is "other".
GROUPS = [
    ("bridge", r"^grpc-mcp-bridge$"),
    ("grpc", r"^lib(grpc|gpr|upb|address_sorting|re2|cares|absl)"),
    ("libstdc++", r"^libstdc\+\+"),
    ("libc", r"^(libc[.-]|libm[.-]|ld-linux|ld-)"),
]
# gRPC with all it needs may be linked into the binary. Then what is ours, or a template of ours, says so; much of
# gRPC is plain C names.
OURS = re.compile(r"\b(bridge|boost)::|^main$|^(?!.*(grpc|absl::|gpr_|upb))([\w ]+ )?std::")
ALLOCATORS = re.compile(r"^(malloc|calloc|realloc|aligned_alloc|memalign|posix_memalign)(@|$)")
# They only pass on what their own callers wanted.
WRAPPERS = re.compile(r"^(operator new|gpr_malloc|gpr_zalloc|gpr_realloc|gpr_malloc_aligned)")
SYSTEM_CALLS = re.compile(r"^(read|write|readv|writev|send|sendmsg|sendto|recv|recvmsg|recvfrom|epoll_\w+|syscall|"
                          r"accept4?|close|eventfd_\w+|pthread_cond_\w+|timerfd_\w+|__lll_lock_\w+|futex\w*)(@|$)")
NAME = re.compile(r"^\((\d+)\)(?: (.*))?$")


def group_of(path, function):
    name = pathlib.PurePath(path).name
    group = next((group for group, pattern in GROUPS if re.match(pattern, name)), "other")
    return "grpc" if group == "bridge" and not OURS.search(function) else group


@dataclasses.dataclass
class Profile:
    instructions: collections.Counter  # (object, function): its own
    calls: collections.Counter  # (caller, callee): how often
    below: collections.Counter  # function: of what it calls; counted twice where it calls itself

    def by_group(self):
        totals = collections.Counter()
        for key, count in self.instructions.items():
            totals[group_of(*key)] += count
        return totals

    def by_function(self):
        """{"group function": instructions}"""
        totals = collections.Counter()
        for (path, function), count in self.instructions.items():
            totals[f"{group_of(path, function)} {function}"] += count
        return totals

    def with_callees(self, group):
        """{function of `group`: instructions, with all it calls}"""
        totals = collections.Counter()
        for (path, function), count in self.instructions.items():
            if group_of(path, function) == group:
                totals[function] = count + self.below[function]
        return totals

    def calls_of(self, pattern):
        """{function that matches: how often it is called}"""
        totals = collections.Counter()
        for (_, callee), count in self.calls.items():
            if pattern.match(callee):
                totals[callee] += count
        return totals

    def allocations(self):
        """How many gRPC wants, and how many the others."""
        of_grpc = {function for path, function in self.instructions if group_of(path, function) == "grpc"}
        totals = {"grpc": 0, "others": 0}
        for function, count in self.allocators().items():
            totals["grpc" if function in of_grpc else "others"] += count
        return totals

    def allocators(self):
        """{caller: allocations}, through the functions that only pass on."""
        totals = collections.Counter()

        def charge(callee, count, depth):
            callers = {caller: number for (caller, to), number in self.calls.items() if to == callee}
            everything = sum(callers.values())
            for caller, number in callers.items():
                share = count * number / everything
                if WRAPPERS.match(caller) and depth < 5:
                    charge(caller, share, depth + 1)
                else:
                    totals[caller] += share

        for callee in {to for _, to in self.calls if ALLOCATORS.match(to)}:
            charge(callee, sum(number for (_, to), number in self.calls.items() if to == callee), 0)
        return totals


def read(path):
    names = {"ob": {}, "fn": {}}
    instructions, calls, below = collections.Counter(), collections.Counter(), collections.Counter()
    current = {"ob": "", "fn": ""}
    callee, skip = {}, False

    def name_of(kind, text):
        number, name = NAME.match(text).groups()
        if name is not None:
            names[kind][number] = name
        return names[kind][number]

    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            key, equals, value = line.rstrip("\n").partition("=")
            if equals and key in ("ob", "fn"):
                current[key] = name_of(key, value)
            elif equals and key in ("cob", "cfn"):
                callee[key] = name_of(key[1:], value)
            elif equals and key == "calls":
                calls[current["fn"], callee["cfn"]] += int(value.split()[0])
                callee, skip = {}, True
            elif line[:1].isdigit() or line[:1] in "+-*":
                count = int(line.split()[1])
                if skip:
                    below[current["fn"]] += count
                else:
                    instructions[current["ob"], current["fn"]] += count
                skip = False
    return Profile(instructions, calls, below)
