"""What must hold of every set of manifests that kustomize builds, beyond its schema: check(documents, facts)
returns what does not, as sentences."""
import base64
import dataclasses
import re

BRIDGE, SHOP = "grpc-mcp-bridge", "grpc-mcp-bridge-shop"
KEY_BYTES = 32
LAST_SPANS_SECONDS = 5  # what the bridge gives its exporter at the end
SHOP_END_SECONDS = 10  # what a service of the shop gives its calls at the end
PROBES = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}


@dataclasses.dataclass
class Facts:
    """From the binary, the Dockerfile and CMakeLists.txt."""
    flags: dict  # of `serve --help`: {"--listen": "127.0.0.1:8080" (the default) or ""}
    version: str
    user: int
    ports: dict  # {image: ports it exposes}
    memory: dict  # {"requests": bytes, "limits": bytes} as documented


def number_of_bytes(quantity):
    value, unit = re.fullmatch(r"(\d+)(Ki|Mi|Gi|)", quantity).groups()
    return int(value) << {"": 0, "Ki": 10, "Mi": 20, "Gi": 30}[unit]


class Pods:
    """One Deployment and what its pods are made of."""

    def __init__(self, deployment):
        self.name = deployment["metadata"]["name"]
        self.labels = deployment["spec"]["template"]["metadata"]["labels"]
        self.spec = deployment["spec"]["template"]["spec"]
        self.containers = self.spec.get("initContainers", []) + self.spec["containers"]
        self.bridge = next((each for each in self.containers if each["image"].split(":")[0] == BRIDGE), None)

    def ports(self):
        return {port["name"]: port["containerPort"] for each in self.containers for port in each.get("ports", [])}

    def selected_by(self, selector):
        return selector.items() <= self.labels.items()


def options(args):
    """({flag: [values]}, [targets])"""
    given, targets = {}, []
    for word in args[1:]:
        if word.startswith("-"):
            flag, _, value = word.partition("=")
            given.setdefault(flag, []).append(value)
        else:
            targets.append(word)
    return given, targets


def port_of(address):
    return int(address.rpartition(":")[2])


def check(documents, facts):
    kinds = {}
    for document in documents:
        kinds.setdefault(document["kind"], []).append(document)
    all_pods = [Pods(each) for each in kinds["Deployment"]]
    problems = []
    for pods in all_pods:
        found = confinement(pods) + images(pods, facts) + shop(pods)
        if pods.bridge is not None:
            given, targets = options(pods.bridge["args"])
            found += command_line(pods, given, targets, facts) + probes(pods) + end(pods, given, facts)
            found += session_key(pods, given, kinds) + host_names(pods, given, kinds)
            found += network(pods, targets, kinds) + memory(pods, facts)
        problems += [f"{pods.name}: {problem}" for problem in found]
    return problems + references(kinds, all_pods)


def confinement(pods):
    """Pod Security "restricted", and a read-only root."""
    spec, found = pods.spec, []
    security = spec.get("securityContext", {})
    if not security.get("runAsNonRoot") or not security.get("runAsUser"):
        found.append("may run as root")
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        found.append("has no seccomp profile")
    if spec.get("automountServiceAccountToken") is not False:
        found.append("gets a token for the API")
    if any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
        found.append("shares namespaces with the node")
    for volume in spec.get("volumes", []):
        if not volume.keys() & {"configMap", "secret", "emptyDir", "projected"}:
            found.append(f"volume {volume['name']} is of a kind that is not allowed")
    for container in pods.containers:
        own = container.get("securityContext", {})
        wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
        if any(own.get(key) != value for key, value in wanted.items()):
            found.append(f"{container['name']} is not confined: {own}")
        resources = container.get("resources", {})
        if {"cpu", "memory"} - resources.get("requests", {}).keys() or "memory" not in resources.get("limits", {}):
            found.append(f"{container['name']} lacks requests or a limit")
    return found


def images(pods, facts):
    found = []
    for container in pods.containers:
        image, _, tag = container["image"].partition(":")
        if tag in ("", "latest"):
            found.append(f"image {container['image']} is of no version")
        if image in (BRIDGE, SHOP):
            if tag != facts.version:
                found.append(f"image {container['image']}: this is version {facts.version}")
            if pods.spec["securityContext"].get("runAsUser") != facts.user:
                found.append(f"runAsUser is not the image's {facts.user}")
            strange = {port["containerPort"] for port in container["ports"]} - facts.ports[image]
            if strange:
                found.append(f"ports {sorted(strange)} are none that image {image} exposes")
    return found


def shop(pods):
    found = []
    for container in pods.containers:
        if container["image"].startswith(SHOP + ":"):
            words = container["command"]
            port = port_of(words[words.index("--listen") + 1])
            asked = {container[probe]["grpc"]["port"] for probe in ("livenessProbe", "readinessProbe")}
            if {port} != asked | {each["containerPort"] for each in container["ports"]}:
                found.append(f"{words[0]} listens at {port}, which is not its port or not what is probed")
    return found


def command_line(pods, given, targets, facts):
    found = [f"{flag} is no option of serve" for flag in given if flag not in facts.flags]
    if pods.bridge["args"][0] != "serve":
        found.append(f"{pods.bridge['args'][0]} is not serve")
    if not targets:
        found.append("serves no gRPC server")
    ports = {port["name"]: port["containerPort"] for port in pods.bridge["ports"]}
    for flag, name in (("--listen", "mcp"), ("--admin", "admin")):
        address = given.get(flag, [facts.flags[flag]])[-1]
        if address.rpartition(":")[0] != "0.0.0.0":
            found.append(f"{flag} {address} cannot be reached from outside the pod")
        if port_of(address) != ports.get(name):
            found.append(f"{flag} {address} is not containerPort {name}, {ports.get(name)}")
    return found


def probes(pods):
    found = []
    for probe, path in PROBES.items():
        asked = pods.bridge.get(probe, {}).get("httpGet", {})
        if asked != {"path": path, "port": "admin"}:
            found.append(f"{probe} asks {asked}, not {path} at port admin")
    return found


def end(pods, given, facts):
    """All that happens between the kubelet's decision and the last byte fits into the grace period."""
    def pre_stop(container):
        return container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    drain = int(given.get("--drain-timeout", [facts.flags["--drain-timeout"]])[-1])
    needed = drain + LAST_SPANS_SECONDS
    if pods.bridge in pods.spec["containers"]:
        needed += pre_stop(pods.bridge)
        if pre_stop(pods.bridge) < 5:
            return ["no preStop: it stops listening while connections still come"]
    else:
        # A sidecar is told to end when the others have ended.
        needed += max(pre_stop(each) for each in pods.spec["containers"]) + SHOP_END_SECONDS
    grace = pods.spec["terminationGracePeriodSeconds"]
    return [] if needed < grace else [f"needs {needed} s to end and has {grace}"]


def session_key(pods, given, kinds):
    scaled = [each["spec"]["minReplicas"] for each in kinds.get("HorizontalPodAutoscaler", [])
              if each["spec"]["scaleTargetRef"]["name"] == pods.name]
    deployment = next(each for each in kinds["Deployment"] if each["metadata"]["name"] == pods.name)
    replicas = max(scaled + [deployment["spec"].get("replicas", 1)])
    path = given.get("--session-key-file", [""])[-1]
    if not path:
        return [f"{replicas} replicas without a common session key"] if replicas > 1 else []
    for mount in pods.bridge.get("volumeMounts", []):
        if path.startswith(mount["mountPath"] + "/"):
            secret = next(each["secret"] for each in pods.spec["volumes"] if each["name"] == mount["name"])
            if path.removeprefix(mount["mountPath"] + "/") not in [item["path"] for item in secret["items"]]:
                return [f"{path} is no file of Secret {secret['secretName']}"]
            if secret.get("defaultMode", 0o644) & 0o027:  # the bridge would not take it
                return [f"others than its owner and group can read {path}"]
            for given_secret in kinds.get("Secret", []):
                if given_secret["metadata"]["name"] == secret["secretName"]:
                    size = len(base64.b64decode(given_secret["data"][secret["items"][0]["key"]]))
                    return [] if size == KEY_BYTES else [f"the session key has {size} bytes, not {KEY_BYTES}"]
            return []
    return [f"{path} is on no volume"]


def host_names(pods, given, kinds):
    """Each Service name in front of the pods is one the bridge answers to."""
    found = []
    for service in kinds.get("Service", []):
        if not pods.selected_by(service["spec"]["selector"]):
            continue
        name = service["metadata"]["name"]
        for host in (name, f"{name}.$(POD_NAMESPACE)", f"{name}.$(POD_NAMESPACE).svc",
                     f"{name}.$(POD_NAMESPACE).svc.cluster.local"):
            if host not in given.get("--allow-host", []):
                found.append(f"does not allow the host {host}")
    if "POD_NAMESPACE" not in [each["name"] for each in pods.bridge["env"]]:
        found.append("POD_NAMESPACE is not set")
    return found


def collector(pods, kinds):
    """The OTLP endpoint, by the container's own variable or its ConfigMap."""
    for variable in pods.bridge["env"]:
        if variable["name"] == "OTEL_EXPORTER_OTLP_ENDPOINT":
            return variable["value"]
    for source in pods.bridge.get("envFrom", []):
        for config in kinds.get("ConfigMap", []):
            if config["metadata"]["name"] == source["configMapRef"]["name"]:
                return config["data"].get("OTEL_EXPORTER_OTLP_ENDPOINT")
    return None


def network(pods, targets, kinds):
    policies = [each["spec"] for each in kinds.get("NetworkPolicy", [])
                if pods.selected_by(each["spec"]["podSelector"].get("matchLabels", {}))]
    def allowed(direction):
        return {(pods.ports().get(port["port"], port["port"]), port.get("protocol", "TCP"))
                for policy in policies for rule in policy.get(direction, []) for port in rule["ports"]}
    found = [f"{direction} is not limited" for direction in ("Ingress", "Egress")
             if not any(direction in policy["policyTypes"] for policy in policies)]
    going_out = [target.split("=", 1)[-1] for target in targets if "127.0.0.1:" not in target]
    endpoint = collector(pods, kinds)
    if endpoint is None:
        found.append("sends its spans nowhere")
    else:
        going_out.append(endpoint)
    for address in going_out:
        if (port_of(address), "TCP") not in allowed("egress"):
            found.append(f"no NetworkPolicy allows it to reach {address}")
    if not {(53, "UDP"), (53, "TCP")} <= allowed("egress"):
        found.append("no NetworkPolicy allows DNS")
    for name in ("mcp", "admin"):
        if (pods.ports()[name], "TCP") not in allowed("ingress"):
            found.append(f"no NetworkPolicy allows anyone to reach port {name}")
    return found


def memory(pods, facts):
    given = {kind: each.get("memory", "0") for kind, each in pods.bridge["resources"].items()}
    return [f"memory {kind} {given[kind]} is less than the documented {least >> 20} MiB"
            for kind, least in facts.memory.items() if number_of_bytes(given[kind]) < least]


def references(kinds, all_pods):
    """What points to something points to something that is there."""
    found = []
    names = {kind: {each["metadata"]["name"] for each in documents} for kind, documents in kinds.items()}
    for service in kinds.get("Service", []):
        name = service["metadata"]["name"]
        selected = [pods for pods in all_pods if pods.selected_by(service["spec"]["selector"])]
        if len(selected) != 1:
            found.append(f"Service {name} selects {len(selected)} Deployments")
        for port in service["spec"]["ports"]:
            if any(port["targetPort"] not in pods.ports() for pods in selected):
                found.append(f"Service {name}: there is no port {port['targetPort']}")
    for kind in ("PodDisruptionBudget", "NetworkPolicy"):
        for document in kinds.get(kind, []):
            key = "selector" if kind == "PodDisruptionBudget" else "podSelector"
            selector = document["spec"][key].get("matchLabels", {})
            if not any(pods.selected_by(selector) for pods in all_pods):
                found.append(f"{kind} {document['metadata']['name']} selects no pod")
    for deployment in kinds["Deployment"]:
        name, spec = deployment["metadata"]["name"], deployment["spec"]
        scalers = [each for each in kinds.get("HorizontalPodAutoscaler", [])
                   if each["spec"]["scaleTargetRef"]["name"] == name]
        if ("replicas" in spec) == bool(scalers):
            found.append(f"{name}: either replicas or a HorizontalPodAutoscaler says how many")
        account = spec["template"]["spec"].get("serviceAccountName")
        if account and account not in names.get("ServiceAccount", ()):
            found.append(f"{name}: there is no ServiceAccount {account}")
        if not Pods(deployment).selected_by(spec["selector"]["matchLabels"]):
            found.append(f"{name} does not select its own pods")
        for container in Pods(deployment).containers:
            for source in container.get("envFrom", []):
                if source["configMapRef"]["name"] not in names.get("ConfigMap", ()):
                    found.append(f"{name}: there is no ConfigMap {source['configMapRef']['name']}")
    return found
