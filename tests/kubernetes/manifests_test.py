#!/usr/bin/env python3
"""Every overlay builds, fits Kubernetes' schemas and the binary; compose.yaml likewise; and each check can fail."""
import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import kubernetes_validate
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/container"))
import dockerfile  # noqa: E402
import manifests  # noqa: E402

BRIDGE = pathlib.Path(os.environ["BIN"]) / "grpc-mcp-bridge"
OVERLAYS = ("sidecar", "gateway", "demo")
# The oldest that knows all fields (sidecars and preStop.sleep, on by default) and the newest there is.
KUBERNETES = ("1.30", "1.37")
kubernetes_validate.utils.schema_contents = functools.cache(kubernetes_validate.utils.schema_contents)


def read_facts():
    text = subprocess.run([BRIDGE, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    flags = {}
    for flag, help_text in re.findall(r"^  (?:-\w,)?(--[\w-]+)(.*(?:\n {20,}.*)*)", text, re.M):
        default = re.search(r"\[([^\[\]]*)\](?!.*\[)", help_text.splitlines()[-1])
        flags[flag] = default.group(1) if default else ""
    stages = dockerfile.parse((ROOT / "Dockerfile").read_text())
    documented = re.findall(r"^\| memory (request|limit) \| (\w+) \|", (ROOT / "docs/operations.md").read_text(), re.M)
    return manifests.Facts(
        flags=flags,
        version=re.search(r"project\(.* VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text()).group(1),
        user=int(stages["bridge"].image["USER"].split(":")[0]),
        ports={manifests.BRIDGE: stages["bridge"].image["EXPOSE"], manifests.SHOP: stages["shop"].image["EXPOSE"]},
        memory={kind + "s": manifests.number_of_bytes(quantity) for kind, quantity in documented})


FACTS = read_facts()


def build(overlay, folder=ROOT / "k8s"):
    return build_folder(folder / "overlays" / overlay)


def build_folder(folder):
    done = subprocess.run(["kustomize", "build", folder], capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stderr)
    return list(yaml.safe_load_all(done.stdout))


def schema_problems(documents):
    problems = []
    for document in documents:
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                problems.append(f"{document['kind']}: {error.message}")
    return problems


class Overlays(unittest.TestCase):
    def test_each_is_as_it_must_be(self):
        for overlay in OVERLAYS:
            with self.subTest(overlay):
                documents = build(overlay)
                self.assertEqual([], schema_problems(documents))
                self.assertEqual([], manifests.check(documents, FACTS))

    def test_there_is_no_other(self):
        self.assertEqual(set(OVERLAYS), {path.name for path in (ROOT / "k8s/overlays").iterdir()})

    def test_the_sidecar_is_the_same_container(self):
        """Written twice because a reader shall see it whole; these parts must not drift."""
        sidecar = next(each for each in map(manifests.Pods, self.deployments("sidecar")) if each.bridge).bridge
        alone = next(each for each in map(manifests.Pods, self.deployments("gateway")) if each.bridge).bridge
        for key in ("image", "ports", "startupProbe", "livenessProbe", "readinessProbe", "securityContext",
                    "volumeMounts"):
            self.assertEqual(alone[key], sidecar[key], key)

    def deployments(self, overlay):
        return [each for each in build(overlay) if each["kind"] == "Deployment"]


class Broken(unittest.TestCase):
    """(overlay, file, text, what takes its place, part of what is then said)."""

    DEPLOYMENT, CATALOG = "base/deployment.yaml", "overlays/sidecar/shop-catalog.yaml"
    ROWS = [
        ("demo", DEPLOYMENT, "--drain-timeout=20", "--drain-time=20", "--drain-time is no option"),
        ("demo", DEPLOYMENT, "- serve\n", "- server\n", "server is not serve"),
        ("demo", DEPLOYMENT, "--listen=0.0.0.0:8080", "--listen=0.0.0.0:8081", "8081 is not containerPort mcp"),
        ("demo", DEPLOYMENT, "--listen=0.0.0.0:8080", "--listen=127.0.0.1:8080", "cannot be reached"),
        ("demo", DEPLOYMENT, "            - --admin=0.0.0.0:9090\n", "", "127.0.0.1:9090 cannot be reached"),
        ("demo", DEPLOYMENT, "containerPort: 9090", "containerPort: 9091", "none that image grpc-mcp-bridge exposes"),
        ("demo", DEPLOYMENT, "httpGet: {path: /readyz", "httpGet: {path: /livez", "readinessProbe asks"),
        ("sidecar", CATALOG, "httpGet: {path: /livez", "httpGet: {path: /readyz", "startupProbe asks"),
        ("demo", DEPLOYMENT, "--drain-timeout=20", "--drain-timeout=40", "needs 50 s to end and has 45"),
        ("demo", DEPLOYMENT, "seconds: 5", "seconds: 1", "no preStop"),
        ("sidecar", CATALOG, "terminationGracePeriodSeconds: 50", "terminationGracePeriodSeconds: 40", "needs 40 s"),
        ("demo", DEPLOYMENT, "runAsNonRoot: true", "runAsNonRoot: false", "may run as root"),
        ("demo", DEPLOYMENT, "runAsUser: 65532", "runAsUser: 1000", "not the image's 65532"),
        ("demo", DEPLOYMENT, "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "not confined"),
        ("demo", DEPLOYMENT, "drop: [ALL]", "drop: [NET_RAW]", "not confined"),
        ("demo", DEPLOYMENT, "allowPrivilegeEscalation: false", "privileged: true", "not confined"),
        ("demo", DEPLOYMENT, "type: RuntimeDefault", "type: Unconfined", "no seccomp"),
        ("demo", DEPLOYMENT, "automountServiceAccountToken: false", "automountServiceAccountToken: true", "token"),
        ("demo", DEPLOYMENT, "memory: 64Mi", "memory: 8Mi", "less than the documented"),
        ("demo", DEPLOYMENT, "memory: 768Mi", "memory: 128Mi", "less than the documented"),
        ("demo", DEPLOYMENT, "              memory: 768Mi\n", "", "lacks requests or a limit"),
        ("demo", DEPLOYMENT, "            - --session-key-file=/etc/grpc-mcp-bridge/session/key\n", "",
         "without a common session key"),
        ("demo", DEPLOYMENT, "session/key\n", "sessions/key\n", "is on no volume"),
        ("demo", DEPLOYMENT, "path: key", "path: other", "is no file of Secret"),
        ("demo", DEPLOYMENT, "defaultMode: 0440", "defaultMode: 0444", "others than its owner and group can read"),
        ("demo", "overlays/demo/kustomization.yaml", "is-not-safe", "is-short", "session key has 29 bytes"),
        ("demo", DEPLOYMENT, "--allow-host=grpc-mcp-bridge\n", "--allow-host=bridge\n", "does not allow the host grpc"),
        ("demo", DEPLOYMENT, "maxSurge: 1", "maxSurges: 1", "maxSurges"),
        ("demo", DEPLOYMENT, "seccompProfile:", "seccomp:", "'seccomp' was unexpected"),
        ("demo", DEPLOYMENT, "spec:\n", "spec:\n  replicas: 2\n", "either replicas or"),
        ("demo", "base/service.yaml", "targetPort: mcp", "targetPort: http", "there is no port http"),
        ("demo", "base/service.yaml", "    app.kubernetes.io/name: grpc-mcp-bridge", "    app: bridge",
         "selects 0 Deployments"),
        ("demo", "base/service.yaml", "name: grpc-mcp-bridge\nautomount", "name: other\nautomount",
         "no ServiceAccount"),
        ("demo", "base/scaling.yaml", "      app.kubernetes.io/name: grpc-mcp-bridge", "      app: bridge",
         "PodDisruptionBudget grpc-mcp-bridge selects no pod"),
        ("demo", "base/scaling.yaml", "minReplicas: 2", "minReplicas: two", "HorizontalPodAutoscaler: 'two'"),
        ("demo", "base/network.yaml", "{port: 53, protocol: UDP}", "{port: 54, protocol: UDP}", "allows DNS"),
        ("demo", "base/network.yaml", "port: admin", "port: metrics", "reach port admin"),
        ("demo", "overlays/demo/network.yaml", "port: 50062", "port: 50072", "reach shop-payments:50062"),
        ("demo", "overlays/demo/network.yaml", "port: 4318", "port: 4317", "reach http://jaeger:4318"),
        ("gateway", "overlays/gateway/network.yaml", "port: 50063", "port: 50064", "reach shop-orders"),
        ("gateway", "overlays/gateway/kustomization.yaml", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_ENDPOINT",
         "sends its spans nowhere"),
        ("sidecar", CATALOG, "            - catalog=127.0.0.1:50061\n", "", "serves no gRPC server"),
        ("demo", "overlays/demo/shop.yaml", "0.0.0.0:50061", "0.0.0.0:50071", "shop-catalog listens at 50071"),
        ("demo", "overlays/demo/kustomization.yaml", "newTag: 0.1.0", "newTag: latest", "is of no version"),
        ("demo", "base/kustomization.yaml", "newTag: 0.1.0", "newTag: 0.0.9", "this is version"),
        ("demo", "base/kustomization.yaml", "deployment.yaml", "deploy.yaml", "deploy.yaml"),
    ]

    def test_each_row(self):
        for overlay, name, old, new, want in self.ROWS:
            with self.subTest(f"{name}: {old!r} -> {new!r}"), tempfile.TemporaryDirectory() as folder:
                copy = pathlib.Path(folder) / "k8s"
                shutil.copytree(ROOT / "k8s", copy)
                text = (copy / name).read_text()
                self.assertIn(old, text)
                (copy / name).write_text(text.replace(old, new, 1))
                try:
                    documents = build(overlay, copy)
                    said = schema_problems(documents) or manifests.check(documents, FACTS)
                except ValueError as error:
                    said = [str(error)]
                self.assertTrue(any(want in each for each in said), said)


class Monitoring(unittest.TestCase):
    """What tests/monitoring does not see: what stands around the rules and the dashboard."""

    def setUp(self):
        self.documents = {each["kind"]: each for each in build_folder(ROOT / "k8s/monitoring")}

    def test_it_has_all_parts_in_one_namespace(self):
        self.assertEqual({"ConfigMap", "PodMonitor", "PrometheusRule"}, set(self.documents))
        self.assertEqual({"monitoring"}, {each["metadata"]["namespace"] for each in self.documents.values()})

    def test_the_port_that_is_scraped_is_the_admin_port_of_every_bridge(self):
        spec = self.documents["PodMonitor"]["spec"]
        for overlay in OVERLAYS:
            bridges = [pods for pods in map(manifests.Pods, (each for each in build(overlay)
                                                             if each["kind"] == "Deployment")) if pods.bridge]
            for pods in bridges:
                given, _ = manifests.options(pods.bridge["args"])
                for endpoint in spec["podMetricsEndpoints"]:
                    self.assertEqual(pods.ports()[endpoint["port"]], manifests.port_of(given["--admin"][-1]))
                self.assertTrue(pods.selected_by(spec["selector"]["matchLabels"]), overlay)
            self.assertTrue(bridges, overlay)

    def test_grafana_gets_the_dashboard_as_it_is(self):
        config = self.documents["ConfigMap"]
        self.assertEqual({"grafana_dashboard": "1"}, config["metadata"]["labels"])
        self.assertEqual({"grpc-mcp-bridge.json": (ROOT / "k8s/monitoring/dashboard.json").read_text()}, config["data"])


class Compose(unittest.TestCase):
    FILE = ROOT / "compose.yaml"

    @staticmethod
    def load(path):
        """As docker compose reads it."""
        done = subprocess.run(["compose", path], capture_output=True, text=True)
        if done.returncode:
            raise ValueError(done.stdout + done.stderr)
        return yaml.safe_load(done.stdout)["services"]

    def test_it_fits_the_binary_and_the_images(self):
        services = self.load(self.FILE)
        bridge = services["bridge"]
        given, targets = manifests.options(bridge["command"])
        self.assertEqual(set(), given.keys() - FACTS.flags.keys())
        listening = {manifests.port_of(given[flag][-1]) for flag in ("--listen", "--admin")}
        self.assertEqual(FACTS.ports[manifests.BRIDGE], listening)
        self.assertEqual(listening, {port["target"] for port in bridge["ports"]})
        self.assertEqual({"127.0.0.1"}, {port["host_ip"] for each in services.values() for port in each.get("ports", [])})
        for target in targets:
            name, port = target.split("=")[1].split(":")
            listen = services[name]["command"][services[name]["command"].index("--listen") + 1]
            self.assertEqual(f"0.0.0.0:{port}", listen)
            self.assertIn(int(port), FACTS.ports[manifests.SHOP])
        for name, service in services.items():
            self.assertTrue(service["read_only"], name)
            self.assertEqual((["ALL"], ["no-new-privileges:true"]), (service["cap_drop"], service["security_opt"]))
            if "build" in service:
                self.assertTrue(service["image"].endswith(f":{FACTS.version}"), service["image"])
        drain = int(FACTS.flags["--drain-timeout"])
        self.assertLess(drain + manifests.LAST_SPANS_SECONDS, int(bridge["stop_grace_period"].rstrip("s")))
        self.assertEqual(FACTS.memory["limits"], manifests.number_of_bytes(bridge["mem_limit"].replace("m", "Mi")))

    def test_the_same_jaeger_everywhere(self):
        tags = {re.search(r"jaegertracing/jaeger:\S+", path.read_text()).group()
                for path in (self.FILE, ROOT / "k8s/overlays/demo/jaeger.yaml")}
        self.assertEqual(1, len(tags), tags)

    def test_what_docker_compose_would_refuse(self):
        for old, new in (("read_only: true", "readonly: true"), ("mem_limit: 128m", "mem_limit: [128]"),
                         ("target: shop}", "target: shop, stage: x}")):
            with self.subTest(new), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "compose.yaml"
                text = self.FILE.read_text()
                self.assertIn(old, text)
                path.write_text(text.replace(old, new))
                self.assertRaises(ValueError, self.load, path)


class Dockerfile(unittest.TestCase):
    def test_it_says_what_is_true(self):
        stages = dockerfile.parse((ROOT / "Dockerfile").read_text())
        self.assertEqual("bridge", list(stages)[-1], "what `docker build` makes when no target is named")
        for name in ("bridge", "shop"):
            self.assertEqual(FACTS.version, stages[name].image["LABEL"]["org.opencontainers.image.version"])
            self.assertEqual("SIGTERM", stages[name].image["STOPSIGNAL"])
        words = stages["bridge"].image["ENTRYPOINT"] + stages["bridge"].image["CMD"]
        self.assertEqual("/usr/bin/grpc-mcp-bridge", words[0])
        self.assertEqual(0, subprocess.run([BRIDGE, *words[1:]], capture_output=True).returncode)
        # Its health check asks where the bridge listens by default.
        self.assertEqual({manifests.port_of(FACTS.flags[flag]) for flag in ("--listen", "--admin")},
                         stages["bridge"].image["EXPOSE"])

    def test_what_is_not_understood_is_an_error(self):
        for text in ("FROM a AS b\nSHELL x\n", "FROM a AS b\nCMD run\n", "FROM a\n", "RUN x\n"):
            with self.subTest(text):
                self.assertRaises(ValueError, dockerfile.parse, text)


if __name__ == "__main__":
    unittest.main()
