"""Checks deploy/observability: rules, alerts and the dashboard, without Prometheus or Grafana running.

promtool comes from Debian's package of Prometheus.
"""

import copy
import json
import os
import re
import subprocess

import jsonschema
import yaml

FOLDER = "deploy/observability"
# What Grafana fills in; any valid value does for reading a query.
FILLED = {"$__rate_interval": "5m", "$instance": ".*"}
# Made by Prometheus itself for every target.
BY_PROMETHEUS = {"up"}
# What a name of a metric becomes for a histogram.
OF_HISTOGRAM = ("_bucket", "_sum", "_count")
METRIC = re.compile(r"\b(?:faceauth[a-z0-9_:]*|up\b)")


def promtool(*arguments):
    """Whether promtool accepts, and what it says."""
    done = subprocess.run(["promtool", *arguments], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


def known_metrics(root):
    """Names by their kind, from the page that is written from the table in the code."""
    with open(os.path.join(root, "docs/metrics.md"), encoding="utf-8") as file:
        page = file.read()
    sections = re.findall(r"^## `([a-z_]+)`$(.*?)^Kind: ([a-z]+)", page, re.M | re.S)
    names = set(BY_PROMETHEUS)
    for name, _, kind in sections:
        names.update(name + end for end in OF_HISTOGRAM) if kind == "histogram" else names.add(name)
    return names


def unknown_metrics(query, known):
    """The metrics of a query that nobody makes."""
    without_texts = re.sub(r'"[^"]*"', "", query)
    return sorted(set(METRIC.findall(without_texts)) - known)


def queries(dashboard):
    """The title of each panel with each of its queries, as Prometheus reads it."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            query = target["expr"]
            for name, value in FILLED.items():
                query = query.replace(name, value)
            yield panel["title"], query


def readable(query, folder):
    """Whether promtool reads a query."""
    path = os.path.join(folder, "query.yml")
    rule = {"record": "faceauth:query", "expr": query}
    with open(path, "w", encoding="utf-8") as file:
        yaml.safe_dump({"groups": [{"name": "query", "rules": [rule]}]}, file)
    return promtool("check", "rules", path)


def anchor(heading):
    """How a page links to a heading."""
    return re.sub(r"[^a-z0-9 -]", "", heading.strip().lower()).replace(" ", "-")


def rules(root, folder, check):
    """Recording rules and alerts. Answers every metric that there is."""
    known = known_metrics(root)
    check("the table of metrics is read", len(known) > 20, f"{len(known)} metrics")
    texts = {}
    for name in ("rules.yml", "alerts.yml"):
        path = os.path.join(root, FOLDER, name)
        check(f"promtool accepts {name}", *promtool("check", "rules", path))
        with open(path, encoding="utf-8") as file:
            texts[name] = file.read()
    broken = os.path.join(folder, "broken.yml")
    with open(broken, "w", encoding="utf-8") as file:
        file.write(texts["rules.yml"].replace("sum by (route)", "sum by route"))
    check("promtool refuses a broken rule", not promtool("check", "rules", broken)[0], "passes")
    tests = os.path.join(root, FOLDER, "alerts.test.yml")
    check("alerts fire when they should", *promtool("test", "rules", tests))

    groups = {name: yaml.safe_load(text)["groups"] for name, text in texts.items()}
    recorded = [rule for group in groups["rules.yml"] for rule in group["rules"]]
    known |= {rule["record"] for rule in recorded}
    alerts = [rule for group in groups["alerts.yml"] for rule in group["rules"]]
    for rule in recorded + alerts:
        name = rule.get("record") or rule["alert"]
        unknown = unknown_metrics(rule["expr"], known)
        check(f"{name} uses metrics that exist", not unknown, ", ".join(unknown))
    with open(os.path.join(root, "docs/operations.md"), encoding="utf-8") as file:
        headings = {anchor(line.lstrip("#")) for line in file if line.startswith("#")}
    for alert in alerts:
        page, _, place = alert["annotations"]["runbook"].partition("#")
        ok = page == "docs/operations.md" and place in headings
        check(f"{alert['alert']} has a runbook", ok, alert["annotations"]["runbook"])
    return known


def dashboard(root, folder, known, check):
    """The dashboard against its schema, and its queries against Prometheus and the table."""
    read = {}
    for name in ("dashboard.json", "dashboard.schema.json"):
        with open(os.path.join(root, FOLDER, name), encoding="utf-8") as file:
            read[name] = json.load(file)
    shown, schema = read["dashboard.json"], read["dashboard.schema.json"]
    validator = jsonschema.Draft202012Validator(schema)
    errors = [error.message for error in validator.iter_errors(shown)]
    check("the dashboard follows its schema", not errors, "; ".join(errors[:3]))
    wrong = copy.deepcopy(shown)
    wrong["panels"][1]["target"] = wrong["panels"][1].pop("targets")
    check("a panel without queries is refused", not validator.is_valid(wrong), "passes")
    ids = [panel["id"] for panel in shown["panels"]]
    check("every panel has an id of its own", len(ids) == len(set(ids)), str(ids))
    taken = set()
    for panel in shown["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                 for y in range(place["y"], place["y"] + place["h"])}
        check(f"{panel['title']} stands alone", not cells & taken, "two panels overlap")
        taken |= cells
    for title, query in queries(shown):
        check(f"{title}: {query}", *readable(query, folder))
        unknown = unknown_metrics(query, known)
        check(f"{title} uses metrics that exist", not unknown, ", ".join(unknown))
    check("promtool refuses a broken query", not readable("sum(", folder)[0], "passes")
    check("an unknown metric is found", unknown_metrics("rate(faceauth_none[5m])", known), "not")


def run(root, folder, check):
    """Everything of deploy/observability."""
    dashboard(root, folder, rules(root, folder, check), check)
