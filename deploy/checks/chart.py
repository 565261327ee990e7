"""Renders the Helm chart with Helm's own engine, and compares it with what Kustomize renders.

People read both, so both are written by hand. They have to say the same, except for what is named
here.
"""

import copy
import os
import re
import shutil
import tomllib

import helm_python
import yaml

CHART = "deploy/helm/faceauth"
NAME = "faceauth"
# What has no default.
WANTED = {"issuer": "https://login.example.org",
          "image": {"repository": "registry.example.org/faceauth"}}

# Labels and annotations that one of the two tools alone writes.
OF_A_TOOL = {"app.kubernetes.io/instance", "app.kubernetes.io/managed-by",
             "app.kubernetes.io/part-of", "helm.sh/chart", "helm.sh/hook",
             "helm.sh/hook-delete-policy", "faceauth/settings"}
# Who installs the chart makes them before.
MADE_BEFORE = {"Namespace", "Secret"}
# Kustomize appends a hash to the names of settings and secrets.
HASHED = re.compile(f"({NAME}[a-z-]*)-[bcdfghkmt2456789]{{10}}")


def render(chart, **values):
    """The manifests of a chart."""
    values = {**WANTED, **values}
    with helm_python.Chart.load(chart) as loaded:
        loaded.validate_schema(values)
        texts = loaded.render(values, name=NAME, namespace=NAME)
    return [document for _, text in sorted(texts.items())
            for document in yaml.safe_load_all(text) if document]


def refused(chart, **values):
    """What Helm says against these values, or nothing."""
    try:
        render(chart, **values)
    except helm_python.HelmError as error:
        return str(error)
    return None


def common(value):
    """The same without what one of the two tools alone writes."""
    if isinstance(value, dict):
        kept = {key: common(each) for key, each in value.items() if key not in OF_A_TOOL}
        return {key: each for key, each in kept.items() if each or key not in
                ("annotations", "labels")}
    if isinstance(value, list):
        return [common(each) for each in value]
    if isinstance(value, str):
        hashed = HASHED.fullmatch(value)
        return hashed[1] if hashed else value
    return value


def pod_of(document):
    """The pod that a workload makes, or nothing."""
    return document.get("spec", {}).get("template", {}).get("spec")


def containers_of(document):
    """The containers of a workload."""
    pod = pod_of(document)
    return pod["containers"] if pod else []


def comparable(documents):
    """Manifests by kind and name, as both tools write them."""
    found = {}
    for document in copy.deepcopy(documents):
        # Helm puts everything into the namespace of the release.
        document["metadata"].pop("namespace", None)
        for container in containers_of(document):
            del container["image"]
        if document["kind"] == "ConfigMap":
            settings = tomllib.loads(document["data"]["faceauth.toml"])
            del settings["tokens"]["issuer"]
            document["data"] = settings
        document = common(document)
        if document["kind"] not in MADE_BEFORE:
            found[document["kind"], document["metadata"]["name"]] = document
    return found


def as_chart(documents):
    """What Kustomize renders, by kind and name, with what the chart changes on purpose."""
    found = comparable(documents)
    # Other releases may be in the namespace: names begin with ours, and "nothing" is for our pods.
    found["NetworkPolicy", "nothing"]["spec"]["podSelector"] = {"matchLabels": {}}
    for kind, name in [key for key in found if key[0] == "NetworkPolicy"]:
        policy = found.pop((kind, name))
        policy["metadata"]["name"] = f"{NAME}-{name}"
        found[kind, policy["metadata"]["name"]] = policy
    return found


def differences(chart, kustomize):
    """Which manifests of the two differ."""
    mine, other = comparable(chart), as_chart(kustomize)
    return sorted(f"{kind} {name}" for kind, name in mine.keys() | other.keys()
                  if mine.get((kind, name)) != other.get((kind, name)))


def changed(chart, folder, name, right, wrong):
    """A copy of the chart with a change in a template."""
    copied = os.path.join(folder, "chart")
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(chart, copied)
    path = os.path.join(copied, "templates", name)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(right, wrong))
    return copied if right in text else None


def versions(root, chart, check):
    """The chart installs the version of the sources."""
    with open(os.path.join(root, "Cargo.toml"), "rb") as file:
        version = tomllib.load(file)["workspace"]["package"]["version"]
    with open(os.path.join(chart, "Chart.yaml"), encoding="utf-8") as file:
        described = yaml.safe_load(file)
    found = described["version"], described["appVersion"]
    check("the chart has our version", found == (version, version), f"{found}, not {version}")
    digest = "sha256:" + "0" * 64
    images = [(WANTED["image"], f":{version}"), ({"tag": "2"}, ":2"),
              ({"tag": "2", "digest": digest}, f"@{digest}")]
    for image, end in images:
        image = {**WANTED["image"], **image}
        wanted = {image["repository"] + end}
        used = {container["image"] for document in render(chart, image=image)
                for container in containers_of(document)}
        check(f"the chart runs {end}", used == wanted, str(used))


def own_values(chart, check):
    """Values reach the manifests, and wrong ones are refused."""
    rule = {"ports": [{"protocol": "TCP", "port": 443}]}
    documents = render(chart, trustedProxies=["10.0.0.0/8"], env={"FACEAUTH__LIMITS__X": "3"},
                       network={"egress": [rule], "databasePort": 6432})
    found = {(each["kind"], each["metadata"]["name"]): each for each in documents}
    replica = pod_of(found["Deployment", NAME])["containers"][0]
    check("settings become variables",
          {"name": "FACEAUTH__LIMITS__X", "value": "3"} in replica["env"], replica["env"])
    settings = tomllib.loads(found["ConfigMap", NAME]["data"]["faceauth.toml"])
    check("the issuer is set", settings["tokens"]["issuer"] == WANTED["issuer"], settings)
    check("proxies are set", settings["server"]["trusted_proxies"] == ["10.0.0.0/8"], settings)
    egress = found["NetworkPolicy", f"{NAME}-to-database"]["spec"]["egress"]
    check("egress is added", egress[1:] == [{"ports": [{"protocol": "TCP", "port": 6432}]}, rule],
          egress)
    check("other settings restart the replicas",
          replica_annotations(render(chart)) != replica_annotations(documents), "not")
    for name, values in [
            ("without an issuer", {"issuer": ""}),
            ("with an issuer without TLS", {"issuer": "http://login.example.org"}),
            ("without an image", {"image": {}}),
            ("with an unknown value", {"replica": {}}),
            ("with a number that is no text", {"env": {"FACEAUTH__LIMITS__X": 3}}),
            ("without a limit of memory", {"resources": {"limits": {"memory": None}}}),
    ]:
        check(f"the chart {name} is refused", refused(chart, **values), "passes")


def replica_annotations(documents):
    """Of the pods of replicas."""
    replica = next(each for each in documents if each["kind"] == "Deployment")
    return replica["spec"]["template"]["metadata"]["annotations"]


def run(root, folder, check, kustomize, is_valid, more_than_restricted, releases):
    """The chart. `kustomize` has what the base renders, and the base with the component."""
    chart = os.path.join(root, CHART)
    report = helm_python.lint(chart, WANTED, strict=True)
    # An icon is recommended, which is no warning.
    found = [each["error"] for each in report["messages"] if each["severity"] > 1]
    check("Helm's lint", not found and not report["errors"], "; ".join(found + report["errors"]))
    versions(root, chart, check)
    own_values(chart, check)

    plain, waiting = render(chart), render(chart, queueWait={"enabled": True})
    for document in plain:
        name = f"{document['kind']} {document['metadata']['name']} of the chart"
        for release in releases:
            check(f"{name} on {release}", *is_valid(document, release))
        pod = pod_of(document)
        found = more_than_restricted(pod) if pod else []
        check(f"{name} is restricted", not found, ", ".join(found))
    hooks = next(each for each in plain if each["kind"] == "Job")["metadata"]["annotations"]
    check("the migration comes first", hooks.get("helm.sh/hook") == "pre-install,pre-upgrade", hooks)
    for name, mine, other in zip(("", ", by waiting"), (plain, waiting), kustomize):
        check(f"the chart and Kustomize agree{name}", not differences(mine, other),
              ", ".join(differences(mine, other)))

    for name, right, wrong in [
            ("deployment.yaml", "periodSeconds: 5", "periodSeconds: 6"),
            ("network-policy.yaml", "policyTypes: [Ingress, Egress]", "policyTypes: [Egress]"),
            ("autoscaler.yaml", "minReplicas:", "minReplica:"),
            ("settings.yaml", "0.0.0.0:9464", "0.0.0.0:8080"),
    ]:
        other = changed(chart, folder, name, right, wrong)
        ok = other and differences(render(other), kustomize[0])
        check(f"{name} with {wrong!r} is found", ok, "not")
    broken = changed(chart, folder, "service.yaml", "{{ .Release.Name }}", "{{ .Release.Name }")
    check("a template that does not parse is refused", broken and refused(broken), "passes")
