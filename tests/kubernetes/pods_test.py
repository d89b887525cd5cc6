#!/usr/bin/env python3
"""The pods of every overlay, as far as one machine can: the real bridge with exactly the arguments and variables of
its manifest, at its ports and names, is asked what the kubelet and clients would ask. Runs in tests/container/in-pod."""
import http.client
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest
import urllib.parse

import manifests
import manifests_test  # and with it the folder of collector.py
from collector import Collector

BIN = pathlib.Path(os.environ["BIN"])
NAMESPACE = "team-a"
PATIENCE_SECONDS = 30
CALLS = 500
# What a kubelet names: it knows the pod by its address only.
KUBELET = "10.244.1.7:9090"


def get(port, path, host=KUBELET):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()


def list_tools(connection, host):
    """The status of a tools/list by a client that calls the bridge `host`."""
    meta = {"io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": {}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": meta}}
    connection.request("POST", "/mcp", json.dumps(body), {
        "Host": host, "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/list"})
    answer = connection.getresponse()
    answer.read()
    return answer.status


class Pod:
    """The bridge's container of one overlay, and the gRPC servers it names."""

    def __init__(self, overlay, folder):
        documents = manifests_test.build(overlay)
        kinds = {document["kind"]: document for document in documents}
        self.pods = next(pods for pods in map(manifests.Pods, (each for each in documents if each["kind"] == "Deployment"))
                         if pods.bridge)
        self.container, self.folder = self.pods.bridge, folder
        self.ports = {port["name"]: port["containerPort"] for port in self.container["ports"]}
        self.given, self.targets = manifests.options(self.container["args"])
        self.environment = {"POD_NAMESPACE": NAMESPACE, "POD_NAME": "pod-1", "NODE_NAME": "node-1"}
        self.environment.update(kinds.get("ConfigMap", {}).get("data", {}))
        for variable in self.container["env"]:
            if "value" in variable:
                self.environment[variable["name"]] = self.expand(variable["value"])
        self.programs = []
        self.collector = Collector(4318)

    def expand(self, text):
        """As the kubelet does; and the Secret is where we can write."""
        text = re.sub(r"\$\((\w+)\)", lambda name: self.environment[name.group(1)], text)
        return text.replace(self.given["--session-key-file"][0], str(self.folder / "key"))

    def start(self, command, **environment):
        program = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True, env={**environment, "PATH": ""})
        self.programs.append(program)
        return program

    def start_bridge(self):
        (self.folder / "key").write_bytes(bytes(manifests.KEY_BYTES))
        (self.folder / "key").chmod(0o440)  # as the volume's defaultMode says
        self.bridge = self.start([BIN / "grpc-mcp-bridge", *map(self.expand, self.container["args"])], **self.environment)

    def start_upstreams(self):
        """Where the targets are; in a file of names of our own, as DNS would have it."""
        collector = urllib.parse.urlsplit(self.environment["OTEL_EXPORTER_OTLP_ENDPOINT"]).hostname
        names = {"127.0.0.1 localhost", f"127.0.0.1 {collector}"}
        for target in self.targets:
            name, host, port = re.fullmatch(r"(\w+)=(.*):(\d+)", target).groups()
            if host != "127.0.0.1":
                names.add(f"127.0.0.1 {host}")
            self.start([BIN / f"shop-{name}", "--listen", f"0.0.0.0:{port}"]).stdout.readline()
        (self.folder / "hosts").write_text("\n".join(sorted(names)) + "\n")
        pathlib.Path("/etc/hosts").touch()  # a minimal system has none
        subprocess.run(["mount", "--bind", self.folder / "hosts", "/etc/hosts"], check=True)

    def probe(self, name):
        """Whether it succeeds."""
        asked = self.container[name]["httpGet"]
        try:
            return get(self.ports[asked["port"]], asked["path"]) == 200
        except OSError:
            return False

    def comes_true(self, asked):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not asked() and time.monotonic() < deadline:
            time.sleep(0.05)
        return asked()

    def stop(self):
        for program in self.programs:
            program.kill() if program.poll() is None else None
            program.wait()
            program.stdout.close()
        self.collector.stop()
        subprocess.run(["umount", "/etc/hosts"], stderr=subprocess.DEVNULL)


class Pods(unittest.TestCase):
    def test_life_of_a_pod(self):
        for overlay in manifests_test.OVERLAYS:
            with self.subTest(overlay), tempfile.TemporaryDirectory() as folder:
                pod = Pod(overlay, pathlib.Path(folder))
                try:
                    self.live(pod)
                finally:
                    pod.stop()

    def live(self, pod):
        # No upstream yet, as beside a service that starts after its sidecar.
        pod.start_bridge()
        self.assertTrue(pod.comes_true(lambda: pod.probe("startupProbe")))
        self.assertTrue(pod.probe("livenessProbe"))
        self.assertFalse(pod.probe("readinessProbe"))
        pod.start_upstreams()
        self.assertTrue(pod.comes_true(lambda: pod.probe("readinessProbe")))
        self.assertTrue(pod.probe("livenessProbe"))

        connection = http.client.HTTPConnection("127.0.0.1", pod.ports["mcp"], timeout=5)
        for host in map(pod.expand, pod.given["--allow-host"]):
            self.assertEqual(200, list_tools(connection, host), host)
        connection.close()  # after a refusal the bridge closes
        self.assertEqual(403, list_tools(connection, "attacker.example"))
        connection.close()
        for _ in range(CALLS):
            list_tools(connection, "localhost")
        connection.close()
        status = pathlib.Path(f"/proc/{pod.bridge.pid}/status").read_text()
        peak = int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) << 10
        requested = manifests.number_of_bytes(pod.container["resources"]["requests"]["memory"])
        self.assertLess(peak, requested, "it needs more memory than it requests")

        pod.bridge.send_signal(signal.SIGTERM)
        self.assertEqual(0, pod.bridge.wait(pod.pods.spec["terminationGracePeriodSeconds"]))
        self.assertTrue(pod.collector.has("grpc-mcp-bridge", "k8s.node.name", "team-a.pod-1", "tools/list"))


if __name__ == "__main__":
    unittest.main()
