#!/usr/bin/env python3
"""What metrics and traces cost a sign-in: services with and without them, in turns.

    python3 bench/overhead.py PHOTO OTHER_PHOTO NAME=URL,PID [NAME=URL,PID ...] [--turns 9] [--each 10]

The two photos show one person, who is enrolled first. Every service then signs that person in for a
turn, one request after the other, and the next service takes its turn, in an order that is reversed
each time. Processor time is that of the whole process; a busy machine disturbs it less than the time
on the clock. The ratio is the median over the turns, each against the first service in the same turn.
"""

import argparse
import os
import pathlib
import statistics
import time
import uuid

from liveness import form, post

TICKS = os.sysconf("SC_CLK_TCK")


class Service:
    def __init__(self, text):
        self.name, rest = text.split("=", 1)
        self.url, pid = rest.rsplit(",", 1)
        self.pid = int(pid)
        self.cpu, self.clock = [], []

    def cpu_seconds(self):
        """Processor time of the process so far."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def turn(self, name, photo, each):
        body, kind = form([("username", name.encode(), None), ("face_image", photo, "a.jpg")])
        cpu, clock = self.cpu_seconds(), time.monotonic()
        for _ in range(each):
            post(f"{self.url}/verify", body, kind)
        self.clock.append((time.monotonic() - clock) / each)
        self.cpu.append((self.cpu_seconds() - cpu) / each)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photo", type=pathlib.Path)
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("services", nargs="+", type=Service)
    parser.add_argument("--turns", type=int, default=9)
    parser.add_argument("--each", type=int, default=10)
    arguments = parser.parse_args()
    services = arguments.services
    name = f"overhead-{uuid.uuid4()}"
    body, kind = form([
        ("username", name.encode(), None), ("consent.granted", b"true", None),
        ("consent.policy_version", b"bench", None),
        ("face_image", arguments.photo.read_bytes(), "a.jpg")])
    post(f"{services[0].url}/register", body, kind)
    other = arguments.other.read_bytes()
    for service in services:
        service.turn(name, other, 2)
        service.cpu.clear()
        service.clock.clear()
    for turn in range(arguments.turns):
        for service in services if turn % 2 == 0 else reversed(services):
            service.turn(name, other, arguments.each)
    first = services[0]
    print("| service | CPU a sign-in | ratio (least to most) | clock a sign-in | ratio |")
    print("| --- | --- | --- | --- | --- |")
    for service in services:
        cpu = [a / b for a, b in zip(service.cpu, first.cpu)]
        clock = [a / b for a, b in zip(service.clock, first.clock)]
        print(f"| {service.name} | {1000 * statistics.median(service.cpu):.1f} ms "
              f"| {statistics.median(cpu):.3f} ({min(cpu):.3f} to {max(cpu):.3f}) "
              f"| {1000 * statistics.median(service.clock):.1f} ms | {statistics.median(clock):.3f} |")


main()
