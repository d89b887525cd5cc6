"""compose.yaml on the images of the Dockerfile: each service as an engine would start it, confined as it says."""
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import unittest
import urllib.request

import yaml

import dockerfile
from collector import Collector

ROOT = pathlib.Path(__file__).resolve().parents[2]
STAGES = dockerfile.parse((ROOT / "Dockerfile").read_text())
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
IMAGES = {name: pathlib.Path(os.environ[f"IMAGE_{name.upper()}"]) for name in ("base", "shop", "bridge")}
OURS = {name: service for name, service in COMPOSE["services"].items() if "build" in service}
START_SECONDS = 30
MAX_ADDED_MIB = 120
# The first process of its own process namespace, on a read-only root, as nobody, with nothing.
ENTER = """
set -e
root=$1
shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"
exec chroot "$root" /usr/bin/env -i PATH=/usr/bin "$@"
"""
CONFINE = ["/usr/bin/setpriv", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]


class Container:
    def __init__(self, name):
        self.name, service = name, OURS[name]
        self.image = STAGES[service["build"]["target"]].image
        self.root = IMAGES[service["build"]["target"]]
        self.check_confined(service)
        words = self.image.get("ENTRYPOINT", []) + service["command"]
        environment = [f"{key}={value}" for key, value in service["environment"].items()]
        self.process = subprocess.Popen([*self.enter(), *environment, *self.confine(), *words],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        self.ready = self.process.stdout.readline()

    @staticmethod
    def check_confined(service):
        """What ENTER and CONFINE do is what the file asks for."""
        wanted = {"read_only": True, "cap_drop": ["ALL"], "security_opt": ["no-new-privileges:true"]}
        given = {key: service.get(key) for key in wanted}
        if given != wanted:
            raise AssertionError(f"{given} is not {wanted}")

    def enter(self):
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh", self.root]

    def confine(self):
        user, group = self.image["USER"].split(":")
        return [*CONFINE, f"--reuid={user}", f"--regid={group}", "--"]

    def inside(self, *words):
        """Runs a command in a container of the same image, in the same network."""
        return subprocess.run([*self.enter(), *self.confine(), *words], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=30)

    def pid(self):
        """As seen from outside."""
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[0])

    def status(self):
        return dict(re.findall(r"^(\w+):\s+(.*)$", pathlib.Path(f"/proc/{self.pid()}/status").read_text(), re.M))

    def stop(self):
        """By SIGTERM; the exit status."""
        if self.process.poll() is None:
            os.kill(self.pid(), signal.SIGTERM)
        return self.process.wait(timeout=60)

    def kill(self):
        self.process.kill()  # and with it, by unshare --kill-child, what it has started
        self.process.wait()
        self.process.stdout.close()


def call(tool, arguments, host="localhost"):
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": tool, "arguments": arguments, "_meta": meta}}
    request = urllib.request.Request("http://127.0.0.1:8080/mcp", json.dumps(body).encode(), {
        "Host": host, "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": tool})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["result"]


class Containers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        for name in ("shop", "bridge"):
            # An engine writes it; all containers share one network here.
            (IMAGES[name] / "etc/hosts").unlink(missing_ok=True)
            (IMAGES[name] / "etc/hosts").write_text("127.0.0.1 localhost " + " ".join(COMPOSE["services"]) + "\n")
            for shell in ("sh", "dash", "bash"):
                (IMAGES[name] / "usr/bin" / shell).unlink(missing_ok=True)
        cls.jaeger = Collector(4318)
        cls.addClassCleanup(cls.jaeger.stop)
        cls.containers = {}
        for name in OURS:  # the services first, as the file has them
            cls.containers[name] = container = Container(name)
            cls.addClassCleanup(container.kill)

    @classmethod
    def tearDownClass(cls):
        codes = {name: container.stop() for name, container in reversed(cls.containers.items())}
        names = [*(name for name in OURS if name != "bridge"), "grpc-mcp-bridge"]
        silent = [name for name in names if not cls.jaeger.has("service.name", name)]
        if any(codes.values()) or silent:
            raise AssertionError(f"exit codes after SIGTERM: {codes}; no spans from {silent}")

    def test_all_start_where_the_image_says(self):
        for name, container in self.containers.items():
            with self.subTest(name):
                ports = {int(port) for port in re.findall(r":(\d+)", container.ready)}
                self.assertTrue(ports)
                self.assertLessEqual(ports, container.image["EXPOSE"], container.ready)

    def test_each_is_the_first_process_and_has_no_rights(self):
        for name, container in self.containers.items():
            with self.subTest(name):
                status = container.status()
                self.assertEqual("1", status["NSpid"].split()[-1])
                self.assertEqual(["65532"] * 4, status["Uid"].split())
                self.assertEqual(["65532"] * 4, status["Gid"].split())
                for rights in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                    self.assertEqual(0, int(status[rights], 16), rights)
                self.assertEqual("1", status["NoNewPrivs"])
                mounts = pathlib.Path(f"/proc/{container.pid()}/mountinfo").read_text().splitlines()
                root = [line.split() for line in mounts if line.split()[4] == "/"]
                self.assertIn("ro", root[-1][5].split(","))

    def test_a_call_goes_through_all_of_them(self):
        order = {"customerId": "cust-7", "lines": [{"productId": "prod-1001", "quantity": 1}],
                 "shippingAddress": {"recipient": "Ada Lovelace", "lines": ["Ringstrasse 1"], "postalCode": "1010",
                                     "city": "Vienna", "countryCode": "AT"},
                 "paymentMethod": {"voucher": {"code": "GIFT-1000"}}}
        self.wait_until_ready()
        result = call("Order_CreateOrder", order, host="bridge:8080")
        self.assertFalse(result.get("isError"), result)
        self.assertEqual("cust-7", result["structuredContent"]["customerId"])

    def wait_until_ready(self):
        """By compose.yaml's own health check."""
        test = OURS["bridge"]["healthcheck"]["test"]
        self.assertEqual("CMD", test[0])
        deadline = time.monotonic() + START_SECONDS
        while (said := self.containers["bridge"].inside(*test[1:])).returncode and time.monotonic() < deadline:
            pass
        self.assertEqual(0, said.returncode, said)
        self.assertEqual(["ok", "ok"], [line.split()[0] for line in said.stdout.splitlines()][:2])

    def test_the_health_check_of_the_image_can_fail(self):
        bridge = self.containers["bridge"]
        check = bridge.image["HEALTHCHECK"]
        self.assertEqual((0, "ok\n"), (bridge.inside(*check).returncode, bridge.inside(*check).stdout))
        other_port = bridge.inside(*check, "--admin", "127.0.0.1:9")
        self.assertEqual(1, other_port.returncode)
        self.assertIn("Connection refused", other_port.stderr)

    def test_the_root_is_read_only_and_there_is_no_shell(self):
        bridge = self.containers["bridge"]
        self.assertIn("Read-only file system", bridge.inside("/usr/bin/touch", "/tmp/x").stderr)
        self.assertIn("No such file", bridge.inside("/bin/sh", "-c", "true").stderr)


class Contents(unittest.TestCase):
    def test_the_packages_are_those_the_programs_are_linked_with(self):
        install = next(step.text for step in STAGES["runtime"].steps if "apt-get install" in step.text)
        given = set(re.search(r"--no-install-recommends (.*?) &&", install).group(1).split())
        needed = set()
        for name in ("shop", "bridge"):
            root, files = IMAGES[name], set()
            for program in [*root.glob("usr/bin/shop-*"), *root.glob("usr/bin/grpc-mcp-bridge")]:
                headers = subprocess.run(["objdump", "-p", program], capture_output=True, text=True, check=True).stdout
                for library in re.findall(r"NEEDED\s+(\S+)", headers):
                    found = [*root.glob(f"usr/lib/*/{library}"), *root.glob(f"lib/*/{library}")]
                    self.assertTrue(found, f"{program.name} needs {library}, which the image lacks")
                    files.add(found[0].resolve().name)
            owners = subprocess.run(["chroot", root, "dpkg", "-S", *(f"*/{file}" for file in files)],
                                    capture_output=True, text=True, check=True).stdout
            needed |= set(re.findall(r"^([^:\s]+):", owners, re.M))
        always_there = {"libc6", "libgcc-s1"}
        self.assertEqual(given - {"ca-certificates"}, needed - always_there)

    def test_the_image_is_small(self):
        def mebibytes(root):
            return int(subprocess.run(["du", "-sm", root], capture_output=True, check=True).stdout.split()[0])
        added = mebibytes(IMAGES["bridge"]) - mebibytes(IMAGES["base"])
        print(f"the image of the bridge adds {added} MiB to Debian's")
        self.assertLess(added, MAX_ADDED_MIB)


if __name__ == "__main__":
    unittest.main()
