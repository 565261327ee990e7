"""Sends requests over kept-alive connections and watches what they cost a tree of processes."""

import http.client
import pathlib
import threading
import time
import urllib.parse

TICKS_A_SECOND = 100


def processes(root):
    """A process and all below it."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            text = stat.read_text()
        except OSError:  # ended meanwhile
            continue
        parents[int(stat.parent.name)] = int(text.rsplit(")", 1)[1].split()[1])
    tree = {root}
    while more := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return sorted(tree)


def cpu_seconds(pids):
    """Processor time of processes so far."""
    total = 0
    for pid in pids:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS_A_SECOND


def resident_mb(pid):
    """Resident memory of one process."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


class Client:
    """One connection."""

    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)

    def send(self, method, path, body=None, headers=None):
        """Status and body of the answer."""
        self.connection.request(method, path, body, headers or {})
        answer = self.connection.getresponse()
        return answer.status, answer.read()


def run(url, requests, clients, seconds, root):
    """Sends `requests` (path, headers, body) in turn with some clients for some seconds."""
    times, wrong, lock = [], [], threading.Lock()
    pids = processes(root)
    before, begin = cpu_seconds(pids), time.perf_counter()

    def work(number):
        client, mine, at = Client(url), [], number
        while time.perf_counter() - begin < seconds:
            path, headers, body = requests[at % len(requests)]
            at += clients
            start = time.perf_counter()
            status, answer = client.send("POST", path, body, headers)
            mine.append(1000 * (time.perf_counter() - start))
            if status != 200:
                with lock:
                    wrong.append((status, answer[:200]))
        with lock:
            times.extend(mine)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begin
    if wrong:
        raise SystemExit(f"{url}: {len(wrong)} answers were not 200, such as {wrong[0]}")
    return {
        "times_ms": times,
        "took": took,
        "cpu": cpu_seconds(pids) - before,
        "megabytes": [resident_mb(pid) for pid in pids],
    }


def summary(runs):
    """Several runs as one."""
    times = sorted(time for run in runs for time in run["times_ms"])
    return {
        "a_second": len(times) / sum(run["took"] for run in runs),
        "p50_ms": times[len(times) // 2],
        "p99_ms": times[min(len(times) - 1, len(times) * 99 // 100)],
        "cpu_ms": 1000 * sum(run["cpu"] for run in runs) / len(times),
        "largest_process_mb": max(max(run["megabytes"]) for run in runs),
        "all_processes_mb": max(sum(run["megabytes"]) for run in runs),
    }
