#!/usr/bin/env python3
"""What becomes of sign-ins when more arrive than can be done.

    python3 bench/overload.py PHOTO OTHER_PHOTO URL [--seconds 15] [--times 5]

The two photos show one person, who is enrolled first, under a name for each connection: sign-ins of
one name that are under way count against it. Then three runs: one client after the other
(unloaded), as many as can be done (saturation), and arrivals at random times, `--times` as many.
Arrivals do not wait for answers, and an arrival's time begins when it is due. Let the service trust
127.0.0.1 as a proxy: each request then comes from a client of its own, so limits by address refuse
nobody. Give it high limits otherwise.
"""

import argparse
import collections
import http.client
import pathlib
import queue
import random
import threading
import time
import urllib.parse
import uuid

from liveness import form, post

# More than the service has places, so that the generator never waits for a free connection.
CONNECTIONS = 96

# The service closes a connection that is idle for five seconds.
IDLE_SECONDS = 4


class Sender(threading.Thread):
    """Sends what is due, over a connection that it keeps."""

    def __init__(self, url, body, kind, due, seen):
        super().__init__(daemon=True)
        self.host = urllib.parse.urlsplit(url).netloc
        self.body, self.kind, self.due, self.seen = body, kind, due, seen

    def run(self):
        connection = http.client.HTTPConnection(self.host, timeout=60)
        used = time.monotonic()
        while (at := self.due.get()) is not None:
            if time.monotonic() - used > IDLE_SECONDS:
                # The next request opens it again.
                connection.close()
            client = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"
            headers = {"Content-Type": self.kind, "X-Forwarded-For": client}
            try:
                connection.request("POST", "/verify", self.body, headers)
                answer = connection.getresponse()
                answer.read()
                status = answer.status
            except (OSError, http.client.HTTPException):
                status = 0
                connection.close()
                connection = http.client.HTTPConnection(self.host, timeout=60)
            used = time.monotonic()
            self.seen.append((status, used - at))


def run(url, people, arrivals):
    """Sends at each of `arrivals` (seconds from now); returns (status, seconds) of each."""
    due, seen = queue.Queue(), []
    senders = [Sender(url, body, kind, due, seen) for body, kind in people]
    for sender in senders:
        sender.start()
    begun = time.monotonic()
    for at in arrivals:
        time.sleep(max(0.0, begun + at - time.monotonic()))
        due.put(begun + at)
    for _ in senders:
        due.put(None)
    for sender in senders:
        sender.join()
    return seen


def closed(url, people, seconds):
    """As fast as `people` can, one request after the other each; returns (status, seconds)."""
    seen = []

    def call(body, kind):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        end = time.monotonic() + seconds
        while (begun := time.monotonic()) < end:
            connection.request("POST", "/verify", body, {"Content-Type": kind})
            answer = connection.getresponse()
            answer.read()
            seen.append((answer.status, time.monotonic() - begun))

    threads = [threading.Thread(target=call, args=person) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def enrol(url, photo, other, connections):
    """Enrols a person by `photo` under a name for each connection; returns sign-ins by `other`."""
    photo, other, people = photo.read_bytes(), other.read_bytes(), []
    for _ in range(connections):
        name = f"overload-{uuid.uuid4()}".encode()
        post(f"{url}/register", *form([
            ("username", name, None), ("consent.granted", b"true", None),
            ("consent.policy_version", b"bench", None), ("face_image", photo, "a.jpg")]))
        people.append(form([("username", name, None), ("face_image", other, "a.jpg")]))
    return people


def quantile(values, share):
    ordered = sorted(values)
    return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def tell(name, seen, seconds):
    done = [time for status, time in seen if status == 200]
    refused = [time for status, time in seen if status == 503]
    others = collections.Counter(status for status, _ in seen if status not in (200, 503))
    print(f"| {name} | {len(seen) / seconds:.1f} | {len(done) / seconds:.1f} "
          f"| {quantile(done, 0.5):.0f}, {quantile(done, 0.99):.0f} | {len(refused)} "
          f"| {quantile(refused, 0.5):.0f}, {quantile(refused, 0.99):.0f} | {dict(others) or '-'} |",
          flush=True)
    return len(done) / seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photo", type=pathlib.Path)
    parser.add_argument("other", type=pathlib.Path)
    parser.add_argument("url")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--times", type=float, default=5)
    arguments = parser.parse_args()
    url, seconds = arguments.url, arguments.seconds
    people = enrol(url, arguments.photo, arguments.other, CONNECTIONS)
    print("| run | arrivals a second | done a second | done: p50, p99 (ms) | refused (503) "
          "| refused: p50, p99 (ms) | other answers |\n| --- | --- | --- | --- | --- | --- | --- |")
    tell("one client", closed(url, people[:1], seconds), seconds)
    most = tell("four clients", closed(url, people[:4], seconds), seconds)
    rate, at, arrivals = most * arguments.times, 0.0, []
    while (at := at + random.expovariate(rate)) < seconds:
        arrivals.append(at)
    tell(f"{arguments.times:g} times as many", run(url, people, arrivals), seconds)


if __name__ == "__main__":
    main()
