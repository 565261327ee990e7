#!/usr/bin/env python3
"""What a sign-in with a liveness capture costs over HTTP.

    cargo run --release -p faceauth-test-support --example captures -- CAPTURES
    python3 bench/liveness.py CAPTURES NAME=URL,PID [NAME=URL,PID ...] [--turns 5] [--seconds 8]
                              [--callers 1 2] [--mbit 10 [--live {form,stream}]]

Each service takes turns with the others. Every request answers the steps of a session of its own
with the capture that shows them, and must be accepted. The sessions are opened before, because a
capture that is longer than its session is refused. Frames get a random comment, because a service
refuses frames that it has seen before.

With `--live`, each frame exists from the moment on at which its person would have been filmed.
`form` sends the capture when the last frame exists, and `stream` sends each frame at once. Times
then run from the last frame to the answer.

A service needs high limits (`limits.sign_in_per_minute`, `limits.other_per_minute`,
`limits.account_per_minute`) and `policy.pad.mode = "enforce"` as shipped.
"""

import argparse
import concurrent.futures
import http.client
import io
import json
import os
import pathlib
import random
import statistics
import time
import urllib.error
import urllib.parse
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")

# Bytes that a slow line carries at once: what fits into an Ethernet frame.
PACKET = 1460

# Sessions that are opened for each second of a turn.
MOST_A_SECOND = 25


def salted(jpeg):
    """The same picture with other bytes: a comment behind the start of the image."""
    comment = random.randbytes(16)
    return jpeg[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + jpeg[2:]


def head_of(boundary, name, file):
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'
    if file:
        head += f'; filename="{file}"\r\nContent-Type: image/jpeg'
    return head.encode() + b"\r\n\r\n"


def form(fields):
    """A multipart body of (name, content, file name) and its content type."""
    boundary = "b" + random.randbytes(12).hex()
    parts = [head_of(boundary, name, file) + content + b"\r\n" for name, content, file in fields]
    return b"".join(parts) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def post(url, body, kind="application/json"):
    request = urllib.request.Request(url, data=body, headers={"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


class Line:
    """A request over a line of so many megabits a second."""

    def __init__(self, url, path, kind, mbit, length=None):
        self.mbit, self.length, self.url = mbit, length, url
        self.connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=60)
        self.connection.putrequest("POST", path)
        self.connection.putheader("Content-Type", kind)
        if length is None:
            self.connection.putheader("Transfer-Encoding", "chunked")
        else:
            self.connection.putheader("Content-Length", str(length))
        self.connection.endheaders()
        self.free = time.perf_counter()

    def send(self, content):
        for at in range(0, len(content), PACKET):
            part = content[at : at + PACKET]
            self.free = max(self.free, time.perf_counter()) + len(part) * 8 / (1e6 * self.mbit)
            time.sleep(max(0, self.free - time.perf_counter()))
            chunk = part if self.length is not None else f"{len(part):x}\r\n".encode() + part + b"\r\n"
            self.connection.send(chunk)

    def answer(self):
        if self.length is None:
            self.connection.send(b"0\r\n\r\n")
        answer = self.connection.getresponse()
        content = answer.read()
        self.connection.close()
        if answer.status >= 400:
            raise urllib.error.HTTPError(self.url, answer.status, answer.reason, answer.headers, io.BytesIO(content))
        return json.loads(content)


def sent(url, path, body, kind, mbit):
    """The answer, and the seconds from the last byte of the body to it. `mbit` is the speed of the
    line in megabits a second; None sends as fast as it goes, and counts from the first byte."""
    begun = time.perf_counter()
    if mbit is None:
        return post(url + path, body, kind), time.perf_counter() - begun
    line = Line(url, path, kind, mbit, len(body))
    line.send(body)
    last = time.perf_counter()
    return line.answer(), time.perf_counter() - last


def sent_live(url, path, fields, frames, mbit, streams):
    """The answer, and the seconds from the last frame to it. Frames exist from their times on."""
    begun = time.perf_counter()
    last = begun + frames[-1][0] / 1000
    pairs = [
        (t_ms, [("liveness.t_ms", str(t_ms).encode(), None), ("liveness.frames", salted(jpeg), f"{t_ms}.jpg")])
        for t_ms, jpeg in frames
    ]
    if not streams:
        times = [pair[0] for _, pair in pairs]
        body, kind = form(fields + times + [pair[1] for _, pair in pairs])
        time.sleep(max(0, last - time.perf_counter()))
        line = Line(url, path, kind, mbit, len(body))
        line.send(body)
        return line.answer(), time.perf_counter() - last
    boundary = "b" + random.randbytes(12).hex()
    line = Line(url, path, f"multipart/form-data; boundary={boundary}", mbit)
    for t_ms, pair in [(0, fields), *pairs]:
        time.sleep(max(0, begun + t_ms / 1000 - time.perf_counter()))
        for name, content, file in pair:
            line.send(head_of(boundary, name, file) + content + b"\r\n")
    line.send(f"--{boundary}--\r\n".encode())
    return line.answer(), time.perf_counter() - last


class Service:
    def __init__(self, text, captures, mbit, live):
        self.mbit, self.live = mbit, live
        self.name, rest = text.split("=", 1)
        self.url, pid = rest.rsplit(",", 1)
        self.pid = int(pid)
        self.captures = captures
        self.user = "bench" + random.randbytes(6).hex()

    def enrol(self, picture):
        fields = [
            ("username", self.user.encode(), None),
            ("consent.granted", b"true", None),
            ("consent.policy_version", b"bench", None),
            ("face_image", picture, "face.jpg"),
        ]
        post(self.url + "/register", *form(fields))

    def prepare(self, count):
        """Opens sessions, and waits until a capture can have been recorded in each."""
        sessions = self.url + "/liveness/sessions"
        self.opened = [post(sessions, b"{}") for _ in range(count)]
        time.sleep(max(frames[-1][0] for frames in self.captures.values()) / 1000)

    def sign_in(self):
        """Milliseconds that a person waits for the answer."""
        opened = self.opened.pop()
        steps = "-".join(step["action"] for step in opened["steps"])
        frames = self.captures[steps]
        fields = [
            ("username", self.user.encode(), None),
            ("liveness.session_id", opened["session_id"].encode(), None),
            ("liveness.nonce", opened["nonce"].encode(), None),
        ]
        if self.live:
            streams = self.live == "stream"
            answer, waited = sent_live(self.url, "/verify", fields, frames, self.mbit, streams)
            assert answer["access_token"], answer
            return 1000 * waited
        # Times first: the service then looks at the frames while they arrive.
        fields += [("liveness.t_ms", str(t_ms).encode(), None) for t_ms, _ in frames]
        fields += [("liveness.frames", salted(jpeg), f"{t_ms}.jpg") for t_ms, jpeg in frames]
        body, kind = form(fields)
        answer, waited = sent(self.url, "/verify", body, kind, self.mbit)
        assert answer["access_token"], answer
        return 1000 * waited

    def processor(self):
        with open(f"/proc/{self.pid}/stat") as stat:
            fields = stat.read().rsplit(") ", 1)[1].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024

    def turn(self, seconds, callers):
        self.prepare(int(MOST_A_SECOND * seconds))
        begun, used = time.perf_counter(), self.processor()
        end = begun + seconds

        def call():
            times, refused = [], 0
            while time.perf_counter() < end and self.opened:
                try:
                    times.append(self.sign_in())
                except urllib.error.HTTPError as error:
                    refused += 1
                    print(self.name, error.code, error.read()[:300])
            return times, refused

        with concurrent.futures.ThreadPoolExecutor(callers) as pool:
            results = [f.result() for f in [pool.submit(call) for _ in range(callers)]]
        times = sorted(ms for result, _ in results for ms in result)
        elapsed = time.perf_counter() - begun
        count = max(len(times), 1)
        return {
            "count": len(times),
            "refused": sum(refused for _, refused in results),
            "a_second": len(times) / elapsed,
            "processor_ms": (self.processor() - used) / count,
            "p50_ms": statistics.median(times),
            "p99_ms": times[min(len(times) - 1, int(0.99 * len(times)))],
            "memory_mb": self.memory(),
        }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("captures", type=pathlib.Path)
    parser.add_argument("services", nargs="+")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--callers", type=int, nargs="+", default=[1, 2], help="how many at once, one run each")
    parser.add_argument("--mbit", type=float, help="speed of each caller's line; times then run from the last byte sent")
    parser.add_argument("--live", choices=["form", "stream"], help="frames exist from their times on")
    options = parser.parse_args()
    if options.live and options.mbit is None:
        parser.error("--live needs --mbit")
    captures = {
        folder.name: [(int(f.stem), f.read_bytes()) for f in sorted(folder.glob("*.jpg"))]
        for folder in options.captures.iterdir()
        if folder.is_dir()
    }
    services = [Service(text, captures, options.mbit, options.live) for text in options.services]
    for service in services:
        service.enrol((options.captures / "straight.jpg").read_bytes())
        service.turn(2, 1)
    for callers in options.callers:
        turns = {service.name: [] for service in services}
        for number in range(options.turns):
            # Whoever goes first has no advantage over all turns.
            for service in services if number % 2 == 0 else reversed(services):
                turns[service.name].append(service.turn(options.seconds, callers))
        for name, measured in turns.items():
            print(f"{name}, {callers} caller(s)")
            for key in measured[0]:
                values = [turn[key] for turn in measured]
                median, least, most = statistics.median(values), min(values), max(values)
                print(f"  {key}: {median:.1f} ({least:.1f} to {most:.1f})")


if __name__ == "__main__":
    main()
