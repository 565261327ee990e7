"""Checks the files of deploy/ and .github/ against schemas, without a cluster or an engine.

`python3 run.py ROOT`: ROOT is the checkout. PYTHONPATH names the folder of requirements.txt, and
its `bin/` is where kubectl is. Every kind of check is also shown something that is wrong, which it
has to refuse.
"""

import copy
import os
import subprocess
import sys
import tempfile

import kubernetes_validate
import yaml

import chart
import observability
import scaling

# The oldest release that the pages promise, and the newest that the package knows.
RELEASES = ["1.30", "1.37"]


# Files by the schema that they follow, and a change that breaks each.
SCHEMAS = [
    ("deploy/compose.yaml", "vendor.compose-spec", ("depends_on:", "depends:")),
    (".github/workflows/ci.yml", "vendor.github-workflows", ("runs-on:", "runs_on:")),
    (".github/workflows/release.yml", "vendor.github-workflows", ("permissions:", "permission:")),
    (".github/dependabot.yml", "vendor.dependabot", ("schedule:", "scheduled:")),
]

passed = 0
failures = []


def check(name, ok, why=""):
    """Counts one check."""
    global passed
    if ok:
        passed += 1
    else:
        failures.append(f"{name}: {why}")


def follows(path, schema):
    """Whether a file follows one of the schemas of check-jsonschema, and what it says."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, path]
    done = subprocess.run(command, capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def against_schemas(root, folder):
    """Compose, workflows and Dependabot."""
    for name, schema, (right, wrong) in SCHEMAS:
        path = os.path.join(root, name)
        check(name, *follows(path, schema))
        with open(path, encoding="utf-8") as file:
            text = file.read()
        broken = os.path.join(folder, "broken.yaml")
        with open(broken, "w", encoding="utf-8") as file:
            file.write(text.replace(right, wrong))
        check(f"{name} with {wrong!r}", right in text and not follows(broken, schema)[0], "passes")


def rendered(folder):
    """What Kustomize makes of a folder."""
    kubectl = os.path.join(os.environ["PYTHONPATH"], "bin", "kubectl")
    # Folders outside are named by the overlay of the checks.
    command = [kubectl, "kustomize", "--load-restrictor", "LoadRestrictionsNone", folder]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"kubectl kustomize {folder} failed: {done.stderr}")
    return [document for document in yaml.safe_load_all(done.stdout) if document]


def is_valid(document, release):
    """Whether a manifest follows the schemas of a release, without unknown fields."""
    try:
        kubernetes_validate.validate(document, release, strict=True)
    except kubernetes_validate.ValidationError as error:
        return False, str(error)
    return True, ""


def pod_of(document):
    """The pod that a workload makes, or nothing."""
    return document.get("spec", {}).get("template", {}).get("spec")


def more_than_restricted(pod):
    """What the strictest profile of Kubernetes refuses of a pod.

    https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted, and besides a
    root that cannot be written and no token of the cluster.
    """
    found = []
    own = pod.get("securityContext", {})
    if any(pod.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")):
        found.append("the host's namespaces")
    if own.get("runAsNonRoot") is not True or own.get("runAsUser", 0) == 0:
        found.append("root")
    if own.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        found.append("every system call")
    if pod.get("automountServiceAccountToken") is not False:
        found.append("a token of the cluster")
    allowed = {"configMap", "secret", "emptyDir", "name"}
    if any(set(volume) - allowed for volume in pod.get("volumes", [])):
        found.append("volumes")
    for container in pod["containers"] + pod.get("initContainers", []):
        context = container.get("securityContext", {})
        capabilities = context.get("capabilities", {})
        if capabilities.get("drop") != ["ALL"] or capabilities.get("add"):
            found.append("capabilities")
        if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
            found.append("privileges")
        if context.get("readOnlyRootFilesystem") is not True:
            found.append("a root that can be written")
        if not container.get("resources", {}).get("limits", {}).get("memory"):
            found.append("memory without a limit")
    return found


def kubernetes(root, folder):
    """The manifests of deploy/kubernetes, and an overlay as the page describes it."""
    base = os.path.join(root, "deploy/kubernetes")
    documents = rendered(base)
    for document in documents:
        name = f"{document['kind']} {document['metadata']['name']}"
        for release in RELEASES:
            ok, why = is_valid(document, release)
            check(f"{name} on {release}", ok, why)
            wrong = copy.deepcopy(document)
            wrong["metadata"]["label"] = {}
            check(f"{name} on {release} with an unknown field", not is_valid(wrong, release)[0],
                  "passes")
    pods = [(document["kind"], pod_of(document)) for document in documents if pod_of(document)]
    check("two workloads", len(pods) == 2, f"{len(pods)}")
    for kind, pod in pods:
        found = more_than_restricted(pod)
        check(f"{kind} is restricted", not found, ", ".join(found))
        for key in ("capabilities", "allowPrivilegeEscalation", "readOnlyRootFilesystem"):
            wrong = copy.deepcopy(pod)
            del wrong["containers"][0]["securityContext"][key]
            check(f"{kind} without {key}", more_than_restricted(wrong), "passes as restricted")

    keys = os.path.join(folder, "keys")
    os.mkdir(keys)
    names = ["token-signing.pem", "template-seal.keys", "client-hash.key"]
    for name in names:
        with open(os.path.join(keys, name), "w", encoding="utf-8") as file:
            file.write("own")
    overlay = {
        "resources": [os.path.relpath(base, folder)],
        "images": [{"name": "faceauth", "newName": "registry.example.org/faceauth",
                    "newTag": "1"}],
        "configMapGenerator": [
            {"name": "faceauth", "namespace": "faceauth", "behavior": "replace",
             "files": ["faceauth.toml=keys/client-hash.key"]},
        ],
        "secretGenerator": [
            {"name": "faceauth-keys", "namespace": "faceauth", "behavior": "replace",
             "files": [f"keys/{name}" for name in names]},
            {"name": "faceauth-database", "namespace": "faceauth", "behavior": "replace",
             "literals": ["DATABASE_URL=postgres://own"]},
        ],
    }
    with open(os.path.join(folder, "kustomization.yaml"), "w", encoding="utf-8") as file:
        yaml.safe_dump(overlay, file)
    own = rendered(folder)
    secrets = {document["metadata"]["name"].rsplit("-", 1)[0]: document["data"]
               for document in own if document["kind"] == "Secret"}
    before = {document["metadata"]["name"].rsplit("-", 1)[0]: document["data"]
              for document in documents if document["kind"] == "Secret"}
    for name, data in before.items():
        same = [key for key in data if secrets.get(name, {}).get(key) in (None, data[key])]
        check(f"the overlay replaces {name}", not same, ", ".join(same))
    settings = [document["data"] for document in own if document["kind"] == "ConfigMap"]
    check("the overlay replaces the settings", settings == [{"faceauth.toml": "own"}], settings)
    images = {pod["containers"][0]["image"] for pod in map(pod_of, own) if pod}
    check("the overlay names the image", images == {"registry.example.org/faceauth:1"}, str(images))


def main():
    root = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        against_schemas(root, folder)
    with tempfile.TemporaryDirectory() as folder:
        kubernetes(root, folder)
    with tempfile.TemporaryDirectory() as folder:
        observability.run(root, folder, check)
    with tempfile.TemporaryDirectory() as folder:
        both = scaling.run(root, folder, check, rendered, is_valid, RELEASES)
    with tempfile.TemporaryDirectory() as folder:
        chart.run(root, folder, check, both, is_valid, more_than_restricted, RELEASES)
    for failure in failures:
        print(failure)
    print(f"# pass {passed}")
    print(f"# fail {len(failures)}")
    sys.exit(1 if failures else 0)


main()
