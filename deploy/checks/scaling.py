"""Checks what adds replicas: Prometheus finds them, a rule measures them, KEDA asks for the rule.

The schema of KEDA's object is ours: it holds the fields that we use and refuses every other one.
https://keda.sh/docs/2.17/reference/scaledobject-spec/ and /scalers/prometheus/ and /scalers/cpu/.
"""

import copy
import os
import re
import subprocess

import jsonschema
import yaml

OBSERVABILITY = "deploy/observability"
TEXT = {"type": "string", "minLength": 1}
WHOLE = {"type": "integer", "minimum": 0}


def closed(required, **properties):
    """An object with these fields and no other one."""
    return {"type": "object", "required": required, "properties": properties,
            "additionalProperties": False}


def trigger(kind, metrics, **metadata):
    """A trigger of KEDA. Everything in `metadata` is a text, also numbers and switches."""
    known = {"type": {"const": kind}, "name": TEXT, "metricType": {"enum": metrics},
             "metadata": closed(list(metadata), **metadata)}
    return closed(["type", "metricType", "metadata"], **known)


NUMBER = {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?$"}
SCALED_OBJECT = closed(
    ["apiVersion", "kind", "metadata", "spec"],
    apiVersion={"const": "keda.sh/v1alpha1"},
    kind={"const": "ScaledObject"},
    metadata=closed(["name"], name=TEXT, namespace=TEXT,
                    labels={"type": "object", "additionalProperties": TEXT}),
    spec=closed(
        ["scaleTargetRef", "minReplicaCount", "maxReplicaCount", "triggers"],
        scaleTargetRef=closed(["name"], apiVersion=TEXT, kind=TEXT, name=TEXT),
        minReplicaCount=WHOLE, maxReplicaCount=WHOLE, pollingInterval=WHOLE,
        # What is inside is Kubernetes' own, and checked as such.
        advanced=closed([], horizontalPodAutoscalerConfig=closed([], behavior={"type": "object"})),
        triggers={"type": "array", "minItems": 1, "items": {"oneOf": [
            trigger("prometheus", ["Value", "AverageValue"], serverAddress=TEXT, query=TEXT,
                    threshold=NUMBER, ignoreNullValues={"enum": ["true", "false"]}),
            trigger("cpu", ["Utilization", "AverageValue"], value=NUMBER),
        ]}},
    ),
)


def load(root, *path):
    """A YAML file of the checkout."""
    with open(os.path.join(root, *path), encoding="utf-8") as file:
        return yaml.safe_load(file)


def one(documents, kind, name):
    """The manifest of a kind and a name, or nothing."""
    found = [document for document in documents
             if document["kind"] == kind and document["metadata"]["name"] == name]
    return found[0] if len(found) == 1 else None


def flaws(scaled, autoscaler, recorded):
    """What is wrong with KEDA's object, beside the plain autoscaler and the recording rules."""
    errors = jsonschema.Draft202012Validator(SCALED_OBJECT).iter_errors(scaled)
    found = [error.message for error in errors]
    if found:
        return found
    spec, plain = scaled["spec"], autoscaler["spec"]
    if spec["scaleTargetRef"] != plain["scaleTargetRef"]:
        found.append("another target")
    if (spec["minReplicaCount"], spec["maxReplicaCount"]) != (
            plain["minReplicas"], plain["maxReplicas"]):
        found.append("another number of replicas")
    by_kind = {each["type"]: each["metadata"] for each in spec["triggers"]}
    if sorted(by_kind) != ["cpu", "prometheus"]:
        return found + ["not by waiting and by processor time"]
    target = plain["metrics"][0]["resource"]["target"]["averageUtilization"]
    if by_kind["cpu"]["value"] != str(target):
        found.append("another share of processor time")
    query = by_kind["prometheus"]["query"]
    name = re.fullmatch(r'([a-z0-9_:]+)\{namespace="([a-z-]+)"\}', query)
    if not name or name[1] not in recorded:
        found.append(f"no rule records {query}")
    elif name[2] != scaled["metadata"].get("namespace"):
        found.append("the waiting of another namespace")
    if by_kind["prometheus"]["ignoreNullValues"] != "false":
        found.append("scales down while nobody measures")
    return found


def as_autoscaler(scaled, autoscaler):
    """The autoscaler that KEDA makes, as far as Kubernetes' schema can judge it."""
    made = copy.deepcopy(autoscaler)
    config = scaled["spec"]["advanced"]["horizontalPodAutoscalerConfig"]
    made["spec"]["behavior"] = copy.deepcopy(config["behavior"])
    return made


def kept(config, pods, folder):
    """The labels of each port that Prometheus scrapes, of (pod, port) as Kubernetes tells them."""
    config = copy.deepcopy(config)
    job = config["scrape_configs"][0]
    # Debian builds Prometheus without Kubernetes: its part is played by fixed targets.
    del job["kubernetes_sd_configs"], config["rule_files"]
    job["static_configs"] = [
        {"targets": [f"10.0.0.1:{port['containerPort']}"], "labels": {
            "__meta_kubernetes_namespace": pod["metadata"]["namespace"],
            "__meta_kubernetes_pod_name": f"{pod['metadata']['name']}-1",
            "__meta_kubernetes_pod_label_app_kubernetes_io_name":
                pod["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/name"],
            "__meta_kubernetes_pod_container_port_name": port["name"],
        }} for pod, port in pods]
    path = os.path.join(folder, "scrape.yml")
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump(config, file)
    command = ["promtool", "check", "service-discovery", path, job["job_name"]]
    done = subprocess.run(command, capture_output=True, text=True)
    # JSON is YAML.
    found = yaml.safe_load(done.stdout) if done.returncode == 0 else []
    return [each["labels"] for each in found if each["labels"]]


def discovery(root, folder, documents, check):
    """The configuration of Prometheus for Kubernetes finds the metrics of replicas alone."""
    config = load(root, OBSERVABILITY, "prometheus.kubernetes.yml")
    job = config["scrape_configs"][0]
    namespace = one(documents, "Namespace", "faceauth")["metadata"]["name"]
    wanted = [{"role": "pod", "namespaces": {"names": [namespace]}}]
    check("pods are looked for", job["kubernetes_sd_configs"] == wanted,
          job["kubernetes_sd_configs"])
    replica = one(documents, "Deployment", "faceauth")
    ports = replica["spec"]["template"]["spec"]["containers"][0]["ports"]
    migration = one(documents, "Job", "faceauth-migrate")
    pods = [(replica, port) for port in ports] + [(migration, port) for port in ports]
    found = kept(config, pods, folder)
    bind = [port["containerPort"] for port in ports if port["name"] == "metrics"]
    expected = {"__address__": f"10.0.0.1:{bind[0]}", "namespace": namespace,
                "instance": "faceauth-1", "job": "faceauth"}
    ok = len(found) == 1 and expected.items() <= found[0].items()
    check("only the metrics of replicas are scraped", ok, found)
    wrong = copy.deepcopy(config)
    wrong["scrape_configs"][0]["relabel_configs"][0]["regex"] = "faceauth;.*"
    check("a port too many is found", len(kept(wrong, pods, folder)) == 2, "not")

    settings = one_settings(documents)
    check("replicas listen there", f'metrics_bind = "0.0.0.0:{bind[0]}"' in settings, settings)
    policy = one(documents, "NetworkPolicy", "from-monitoring")
    admitted = policy["spec"]["ingress"][0]["ports"]
    check("Prometheus is admitted", admitted == [{"protocol": "TCP", "port": "metrics"}], admitted)


def one_settings(documents):
    """The settings of the replicas."""
    return next(document["data"]["faceauth.toml"] for document in documents
                if document["kind"] == "ConfigMap")


def compose(root, folder, check):
    """Prometheus of compose.yaml asks every replica, where it listens."""
    config = load(root, OBSERVABILITY, "prometheus.yml")
    path = os.path.join(root, OBSERVABILITY, "prometheus.yml")

    def accepted(path):
        done = subprocess.run(["promtool", "check", "config", path], capture_output=True, text=True)
        return done.returncode == 0, done.stdout + done.stderr

    check("promtool accepts prometheus.yml", *accepted(path))
    broken = os.path.join(folder, "prometheus.yml")
    with open(path, encoding="utf-8") as file, open(broken, "w", encoding="utf-8") as other:
        other.write(file.read().replace("scrape_configs:", "scrape_config:"))
    check("promtool refuses a broken configuration", not accepted(broken)[0], "passes")

    services = load(root, "deploy", "compose.yaml")["services"]
    key = "FACEAUTH__SERVER__METRICS_BIND"
    binds = {name: service.get("environment", {}).get(key) for name, service in services.items()
             if name.startswith("faceauth-")}
    expected = sorted(f"{name}:{bind.rsplit(':', 1)[1]}" for name, bind in binds.items())
    targets = sorted(config["scrape_configs"][0]["static_configs"][0]["targets"])
    check("every replica is scraped", targets == expected, f"{targets}, not {expected}")
    check("Prometheus starts when asked for",
          services["prometheus"].get("profiles") == ["observability"], "always")
    jobs = {load(root, OBSERVABILITY, name)["scrape_configs"][0]["job_name"]
            for name in ("prometheus.yml", "prometheus.kubernetes.yml")}
    check("the alerts know the job", jobs == {"faceauth"}, str(jobs))


def run(root, folder, check, rendered, is_valid, releases):
    """Everything that adds replicas. `rendered` renders a folder with Kustomize.

    Answers what the base renders, and what an overlay with KEDA renders.
    """
    base = os.path.join(root, "deploy/kubernetes")
    documents = rendered(base)
    discovery(root, folder, documents, check)
    compose(root, folder, check)

    overlay = {"resources": [os.path.relpath(base, folder)],
               "components": [os.path.relpath(os.path.join(base, "queue-wait"), folder)]}
    with open(os.path.join(folder, "kustomization.yaml"), "w", encoding="utf-8") as file:
        yaml.safe_dump(overlay, file)
    waiting = rendered(folder)
    kind = "HorizontalPodAutoscaler"
    autoscaler, scaled = one(documents, kind, "faceauth"), one(waiting, "ScaledObject", "faceauth")
    check("one autoscaler is left", one(waiting, kind, "faceauth") is None, "two")
    same = [document for document in documents if document["kind"] != kind]
    check("nothing else is changed",
          same == [document for document in waiting if document is not scaled], "other manifests")
    groups = load(root, OBSERVABILITY, "rules.yml")["groups"]
    recorded = {rule["record"] for group in groups for rule in group["rules"]}
    found = flaws(scaled, autoscaler, recorded)
    check("KEDA's object", not found, "; ".join(found))
    for release in releases:
        check(f"KEDA's behaviour on {release}",
              *is_valid(as_autoscaler(scaled, autoscaler), release))

    def refused(name, change):
        wrong = copy.deepcopy(scaled)
        change(wrong["spec"])
        check(f"KEDA's object with {name}", flaws(wrong, autoscaler, recorded), "passes")

    refused("an unknown field", lambda spec: spec.update(maxReplicas=10))
    refused("a number that is no text",
            lambda spec: spec["triggers"][0]["metadata"].update(threshold=0.1))
    refused("another ceiling", lambda spec: spec.update(maxReplicaCount=11))
    refused("a metric that nobody records",
            lambda spec: spec["triggers"][0]["metadata"].update(query='none{namespace="faceauth"}'))
    refused("the queue of others", lambda spec: spec["triggers"][0]["metadata"].update(
        query='faceauth:queue_wait_seconds:mean2m{namespace="other"}'))
    refused("waiting alone", lambda spec: spec["triggers"].pop())
    refused("silence as no waiting",
            lambda spec: spec["triggers"][0]["metadata"].update(ignoreNullValues="true"))
    wrong = as_autoscaler(scaled, autoscaler)
    wrong["spec"]["behavior"]["scaleUp"]["policies"][0]["kind"] = "Percent"
    check("KEDA's behaviour with an unknown field", not is_valid(wrong, releases[0])[0], "passes")
    return documents, waiting
