#!/usr/bin/env python3
"""Records metrics of running replicas, and draws the panels of dashboard.json without Grafana.

    python3 deploy/observability/draw.py --seconds 300 --out docs/dashboard.png 127.0.0.1:9464 [...]

Prometheus (Debian's package `prometheus`) runs on loopback for so many seconds with the rules of this
folder, and scrapes the given addresses. Then every query of the dashboard is asked, and Chromium
(`chromium`) turns the drawing into a picture. Nothing is fetched, and nothing is left behind.
"""

import argparse
import html
import json
import math
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
SCRAPE_SECONDS = 5
# Four scrapes, as Grafana chooses it.
RATE_INTERVAL = f"{4 * SCRAPE_SECONDS}s"
# Pixels of one of the 24 columns of the dashboard, and of one of its rows.
COLUMN, ROW, GAP = 60, 34, 6
POINTS = 150
COLOURS = ["#73bf69", "#5794f2", "#f2cc0c", "#ff780a", "#f2495c", "#b877d9", "#8ab8ff", "#c0d8ff",
           "#96d98d", "#ffb357", "#e02f44", "#a352cc"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Prometheus:
    """A Prometheus of its own on loopback, which ends with the block."""

    def __init__(self, folder, targets):
        self.port = free_port()
        config = {
            "global": {"scrape_interval": f"{SCRAPE_SECONDS}s", "evaluation_interval": "5s"},
            "rule_files": [str(HERE / "rules.yml"), str(HERE / "alerts.yml")],
            "scrape_configs": [{"job_name": "faceauth", "static_configs": [{"targets": targets}]}],
        }
        path = pathlib.Path(folder) / "prometheus.yml"
        # JSON is YAML.
        path.write_text(json.dumps(config), encoding="utf-8")
        self.command = ["prometheus", f"--config.file={path}", f"--storage.tsdb.path={folder}/data",
                        f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"]

    def __enter__(self):
        self.process = subprocess.Popen(self.command)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)

    def ask(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]["result"]

    def series(self, query, begin, end):
        """Label sets with their points, each a time and a value."""
        step = max(1, (end - begin) / POINTS)
        found = self.ask("query_range", query=query, start=begin, end=end, step=step)
        for one in found:
            points = [(float(at), float(value)) for at, value in one["values"]]
            yield one["metric"], [point for point in points if math.isfinite(point[1])]


def filled(query):
    return query.replace("$__rate_interval", RATE_INTERVAL).replace("$instance", ".*")


def legend(text, labels):
    return re.sub(r"{{\s*(\w+)\s*}}", lambda found: labels.get(found.group(1), ""), text)


def worded(value, unit):
    """A value with its unit."""
    if unit == "percentunit":
        return f"{100 * value:.3g} %"
    if unit == "s":
        if abs(value) < 1:
            return f"{1000 * value:.3g} ms"
        for most, size, name in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
            if value < most:
                return f"{value / size:.3g} {name}"
        return f"{value / 86400:.3g} d"
    return f"{value:.3g}" + ("/s" if unit == "reqps" else "")


def text(x, y, words, size=11, colour="#9fa7b3", anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}" '
            f'font-weight="{weight}" text-anchor="{anchor}">{html.escape(words)}</text>')


def names_below(names, width, height, shown=9):
    """The legend, in columns."""
    parts = []
    columns = 3
    for index, (name, colour) in enumerate(names[:shown]):
        x = 10 + (index % columns) * (width - 20) / columns
        y = height - 34 + 13 * (index // columns)
        parts.append(f'<rect x="{x:.1f}" y="{y - 7:.1f}" width="9" height="3" fill="{colour}"/>')
        parts.append(text(x + 13, y - 2, name[:26], 10))
    return parts


def graph(width, height, unit, lines, begin, end):
    """Lines over time."""
    left, right, top, bottom = 58, width - 10, 34, height - 62
    most = max((value for _, points in lines for _, value in points), default=0) or 1
    least_shown, parts = 0, []
    for part in range(5):
        value = least_shown + most * part / 4
        y = bottom - (bottom - top) * part / 4
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#2c3235"/>')
        parts.append(text(left - 5, y + 4, worded(value, unit), 10, anchor="end"))
    for part in range(4):
        at = begin + (end - begin) * part / 3
        x = left + (right - left) * part / 3
        anchor = {0: "start", 3: "end"}.get(part, "middle")
        parts.append(text(x, bottom + 13, time.strftime("%H:%M:%S", time.gmtime(at)), 9,
                          anchor=anchor))
    names = []
    for index, (name, points) in enumerate(lines):
        colour = COLOURS[index % len(COLOURS)]
        path = []
        before = None
        for at, value in points:
            x = left + (right - left) * (at - begin) / (end - begin)
            y = bottom - (bottom - top) * value / most
            # A gap in the data is a gap in the line.
            gap = before is None or at - before > 3 * SCRAPE_SECONDS
            path.append(f"{'M' if gap else 'L'}{x:.1f} {y:.1f}")
            before = at
        parts.append(f'<path d="{" ".join(path)}" fill="none" stroke="{colour}" '
                     'stroke-width="1.5" stroke-linecap="round"/>')
        names.append((name, colour))
    return parts + names_below(names, width, height)


def numbers(width, height, unit, lines):
    """The last value of each series."""
    parts = []
    room = (height - 40) / max(1, len(lines))
    for index, (name, points) in enumerate(lines):
        y = 40 + room * index + room / 2
        value = worded(points[-1][1], unit) if points else "no data"
        size = min(30, max(13, room * 0.55))
        parts.append(text(width - 14, y + size / 3, value, size, COLOURS[0], "end", "bold"))
        parts.append(text(14, y + 4, name, 12))
    return parts


def drawn(panel, lines, begin, end):
    """One panel as SVG."""
    place = panel["gridPos"]
    width, height = place["w"] * COLUMN - GAP, place["h"] * ROW - GAP
    x, y = place["x"] * COLUMN, place["y"] * ROW
    if panel["type"] == "row":
        parts = [text(4, height - 6, panel["title"], 15, "#d8d9da", weight="bold")]
    else:
        parts = [f'<rect width="{width}" height="{height}" rx="3" fill="#181b1f"/>',
                 text(10, 20, panel["title"], 13, "#d8d9da", weight="bold")]
        unit = panel["fieldConfig"]["defaults"]["unit"]
        if not any(points for _, points in lines):
            parts.append(text(width / 2, height / 2, "No data", 14, anchor="middle"))
        elif panel["type"] == "stat":
            parts += numbers(width, height, unit, lines)
        else:
            parts += graph(width, height, unit, lines, begin, end)
    return f'<g transform="translate({x},{y})">' + "".join(parts) + "</g>"


def draw(dashboard, prometheus, begin, end):
    """The whole dashboard as a page, its width and its height."""
    panels = []
    for panel in dashboard["panels"]:
        lines = []
        for target in panel.get("targets", []):
            for labels, points in prometheus.series(filled(target["expr"]), begin, end):
                lines.append((legend(target["legendFormat"], labels), points))
        lines.sort(key=lambda line: -sum(value for _, value in line[1]))
        panels.append(drawn(panel, lines, begin, end))
    width = 24 * COLUMN
    height = ROW * max(panel["gridPos"]["y"] + panel["gridPos"]["h"]
                       for panel in dashboard["panels"])
    page = (f'<body style="margin:0;background:#111217"><svg width="{width}" height="{height}" '
            f'font-family="DejaVu Sans, sans-serif">{"".join(panels)}</svg></body>')
    return page, width, height


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("targets", nargs="+", metavar="ADDRESS:PORT")
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    dashboard = json.loads((HERE / "dashboard.json").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        with Prometheus(folder, arguments.targets) as prometheus:
            begin = time.time()
            while (left := begin + arguments.seconds - time.time()) > 0:
                print(f"\rrecording: {left:.0f} s left ", end="", file=sys.stderr, flush=True)
                time.sleep(min(1, left))
            print(file=sys.stderr)
            page, width, height = draw(dashboard, prometheus, begin, time.time())
        drawing = pathlib.Path(folder) / "dashboard.html"
        drawing.write_text(page, encoding="utf-8")
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                   f"--user-data-dir={folder}/browser", f"--window-size={width},{height}",
                   f"--screenshot={os.path.abspath(arguments.out)}", drawing.as_uri()]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, timeout=120)


main()
