#!/usr/bin/env python3
"""Whether a service stays as it is under a load that it can bear.

    python3 bench/soak.py PHOTO OTHER_PHOTO URL PID [--minutes 30] [--share 0.7]

The two photos show one person, who is enrolled first, under a name for each connection. Four
clients then find out how many sign-ins a second can be done, and for `--minutes`, a share of that
arrives at random times. Each minute prints a line: how many were done and how long they took, and
the memory, the open descriptors and the threads of process PID. The first minute warms the process
up. The last line says whether it stayed flat, and so does the exit status. Give the service high
limits, and let it trust 127.0.0.1 as a proxy.
"""

import argparse
import os
import pathlib
import random
import sys

from overload import closed, enrol, quantile, run

# How long saturation is measured for, in seconds.
SATURATION = 15

# Connections: at 70 % of saturation few requests are on their way at once.
CONNECTIONS = 24

# How far the median of memory may rise from the first third of the minutes to the last one. The
# test soak.rs allows the same for ten thousand requests.
MEMORY_RISE = 0.05

MINUTE = 60


def looked_at(pid):
    """Memory in MB, open descriptors and threads of a process."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    fields = dict(line.split(":", 1) for line in status.splitlines())
    memory = int(fields["VmRSS"].split()[0]) / 1024
    return memory, len(os.listdir(f"/proc/{pid}/fd")), int(fields["Threads"])


def arrivals(rate, seconds):
    at, times = random.expovariate(rate), []
    while at < seconds:
        times.append(at)
        at += random.expovariate(rate)
    return times


def median(values):
    return sorted(values)[len(values) // 2]


def verdict(lines):
    """What has grown, in words; of (memory, descriptors, threads) a minute."""
    third = max(1, len(lines) // 3)
    first, last = lines[:third], lines[-third:]
    grown = []
    for at, name in enumerate(("memory", "descriptors", "threads")):
        before, after = (median([line[at] for line in part]) for part in (first, last))
        # Connections to clients and to the database come and go, so descriptors have the number of
        # connections of this load to move in.
        allowed = (before * MEMORY_RISE, CONNECTIONS, 0)[at]
        if after > before + allowed:
            grown.append(f"{name} from {before:.0f} to {after:.0f}")
    return grown


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photo", type=pathlib.Path)
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("url")
    parser.add_argument("pid", type=int)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--share", type=float, default=0.7)
    arguments = parser.parse_args()
    url = arguments.url
    people = enrol(url, arguments.photo, arguments.other, CONNECTIONS)
    done = [time for status, time in closed(url, people[:4], SATURATION) if status == 200]
    rate = arguments.share * len(done) / SATURATION
    print(f"{len(done) / SATURATION:.1f} a second can be done, {rate:.1f} a second arrive\n")
    print("| minute | done | refused or failed | p50, p99 (ms) | memory, MB | descriptors "
          "| threads |\n| --- | --- | --- | --- | --- | --- | --- |", flush=True)
    lines, failed = [], 0
    for minute in range(arguments.minutes + 1):
        seen = run(url, people, arrivals(rate, MINUTE))
        times = [time for status, time in seen if status == 200]
        memory, descriptors, threads = looked_at(arguments.pid)
        name = minute if minute else "warm-up"
        print(f"| {name} | {len(times)} | {len(seen) - len(times)} "
              f"| {quantile(times, 0.5):.0f}, {quantile(times, 0.99):.0f} | {memory:.1f} "
              f"| {descriptors} | {threads} |", flush=True)
        failed += len(seen) - len(times)
        if minute:
            lines.append((memory, descriptors, threads))
    grown = verdict(lines)
    print("\n" + ("flat" if not grown else "grown: " + ", ".join(grown))
          + f"; {failed} refused or failed")
    sys.exit(1 if grown else 0)


if __name__ == "__main__":
    main()
