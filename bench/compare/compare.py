#!/usr/bin/env python3
"""FaceAuth beside peers that a registry has, with the same pictures, in one run on one machine.

    ./dev run bench/compare/compare.py [--lfw DIR] [--seconds N] [--out FILE]

Installs the peers into a throwaway environment, builds FaceAuth, and prints a table with ratios. `--lfw`
is a folder of pictures, a folder a person, for error rates.
"""

import argparse
import base64
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import load

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OURS, DLIB = "http://127.0.0.1:8095", "http://127.0.0.1:8094"
# Processes or worker threads of each server: one a core.
WORKERS = str(os.cpu_count())
CLIENTS = 4
# Turns of each server. Both stand all the while; what else the machine does meets both alike.
ROUNDS = 4
# Sign-ins under one name wait for each other here; a crowd does not.
PEOPLE = 8
BOUNDARY = "faceauth-compare"
FMRS = ["1e-3", "1e-4"]


def say(text):
    print(f"==> {text}", file=sys.stderr, flush=True)


def environment(folder):
    """A Python with the peers in it, and nothing of it outside `folder`."""
    say("Installing the peers")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    python = folder / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # dlib-bin is dlib under another name, which face_recognition does not know.
    subprocess.run([*install, "--no-deps", "-r", HERE / "requirements.txt"], check=True)
    subprocess.run([*install, "asgiref>=3.8", "sqlparse>=0.5", "packaging"], check=True)
    return python


def node_packages(folder):
    """A folder with the peers that npm has."""
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / "peers" / name, folder)
    install = ["npm", "ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"]
    subprocess.run(install, cwd=folder, check=True)
    return folder


def started(command, url, environment, ready):
    """A server that is ready when it answers a path with a status."""
    path, expected = ready
    server = subprocess.Popen(
        command, cwd=HERE, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    for _ in range(300):
        try:
            if load.Client(url).send("GET", path)[0] == expected:
                return server
        except OSError:
            if server.poll() is not None:
                break
        time.sleep(0.1)
    raise SystemExit(f"{command[0]} does not answer on {url}")


def stopped(server):
    server.send_signal(signal.SIGTERM)
    server.wait(20)


def form(fields, picture):
    """A form as curl sends it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = 'Content-Disposition: form-data; name="face_image"; filename="face.jpg"\r\n\r\n'
    parts += [f"--{BOUNDARY}\r\n{head}".encode(), picture, f"\r\n--{BOUNDARY}--\r\n".encode()]
    return {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}, b"".join(parts)


def over_http(targets, seconds):
    """What each of some servers does with one client and with several, measured in turns."""
    for target in targets.values():
        load.run(*target["requests"], CLIENTS, 2, target["pid"])
    runs = {name: {"one": [], "many": []} for name in targets}
    for turn in range(ROUNDS):
        say(f"Over HTTP, turn {turn + 1} of {ROUNDS}")
        for kind, clients in (("one", 1), ("many", CLIENTS)):
            for name, target in targets.items():
                run = load.run(*target["requests"], clients, seconds / ROUNDS, target["pid"])
                runs[name][kind].append(run)
    return {
        name: {kind: load.summary(turns) for kind, turns in kinds.items()}
        for name, kinds in runs.items()
    }


@contextlib.contextmanager
def faceauth(binary, enrolled, probe):
    """Our server, with people enrolled."""
    keys = pathlib.Path(tempfile.mkdtemp())
    subprocess.run([binary, "keys", "init", "--dir", keys], check=True, stdout=subprocess.DEVNULL)
    settings = {
        "MODE": "development",
        "SERVER__BIND": OURS.removeprefix("http://"),
        "KEYS__DIR": str(keys),
        "MODELS__WORKERS": WORKERS,
        "MODELS__WEIGHTS_DIR": str(ROOT / "models/weights"),
        "MODELS__MANIFEST": str(ROOT / "models/manifest.toml"),
        "LIMITS__SIGN_IN_PER_MINUTE": "1000000",
        "LIMITS__ACCOUNT_PER_MINUTE": "1000000",
    }
    variables = os.environ | {f"FACEAUTH__{name}": value for name, value in settings.items()}
    subprocess.run([binary, "migrate"], check=True, env=variables, stdout=subprocess.DEVNULL)
    server = started([binary, "serve"], OURS, variables, ("/readyz", 200))
    requests, client = [], load.Client(OURS)
    try:
        for number in range(PEOPLE):
            name = {"username": f"compare-{os.getpid()}-{number}"}
            consent = {"consent.granted": "true", "consent.policy_version": "2026-11"}
            headers, body = form(name | consent, enrolled)
            status, answer = client.send("POST", "/register", body, headers)
            assert status == 201, answer
            requests.append(("/verify", *form(name, probe)))
        yield {"requests": (OURS, requests), "pid": server.pid}
        client = load.Client(OURS)  # the first one was idle, and is closed by now
        for path, headers, body in requests:
            status, answer = client.send("POST", path, body, headers)
            token = json.loads(answer)["access_token"]
            status, answer = client.send("DELETE", "/me", headers={"Authorization": f"Bearer {token}"})
            assert status == 204, answer
    finally:
        stopped(server)
        shutil.rmtree(keys)


@contextlib.contextmanager
def django_dlib(python, folder, enrolled, probe):
    """The stack that is replaced, with somebody enrolled."""
    variables = os.environ | {"PEER_DATABASE": str(folder / "peer.sqlite3")}
    command = [python, "-m", "gunicorn", "--chdir", HERE / "peers", "--workers", WORKERS]
    command += ["--timeout", "120", "--bind", DLIB.removeprefix("http://"), "django_dlib:application"]
    server = started(command, DLIB, variables, ("/", 404))
    headers = {"Content-Type": "application/json"}

    def body(picture):
        image = base64.b64encode(picture).decode()
        return json.dumps({"username": "somebody", "face_image": image}).encode()

    try:
        status, answer = load.Client(DLIB).send("POST", "/register", body(enrolled), headers)
        assert status == 201, answer
        yield {"requests": (DLIB, [("/verify", headers, body(probe))]), "pid": server.pid}
    finally:
        stopped(server)


def in_process(binary, python, node, enrolled, probe, seconds):
    """Ours, verifyface and face-api without HTTP."""
    say("FaceAuth in process")
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        variables = os.environ | {
            "FACEAUTH__MODE": "development",
            "FACEAUTH__MODELS__WORKERS": "1",
            "FACEAUTH__MODELS__WEIGHTS_DIR": str(ROOT / "models/weights"),
            "FACEAUTH__MODELS__MANIFEST": str(ROOT / "models/manifest.toml"),
        }
        command = [binary, "bench", "--enrolled", enrolled, "--image", probe, "--callers", "1"]
        command += ["--seconds", str(seconds), "--rate", "1", "--json", out.name]
        subprocess.run(command, check=True, env=variables, stdout=subprocess.DEVNULL)
        ours = json.load(open(out.name))["runs"][0]
    say("verifyface in process")
    results = []
    # As it comes, with a thread a core, and on one thread as ours.
    for threads in (-1, 1):
        command = [python, HERE / "peers/verifyface_process.py", enrolled, probe, str(seconds), str(threads)]
        results.append(json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout))
    say("face-api in process")
    command = ["node", HERE / "peers/face_api.mjs", enrolled, probe, str(seconds)]
    face_api = json.loads(subprocess.run(command, cwd=node, check=True, stdout=subprocess.PIPE).stdout)
    mid = lambda times: sorted(times)[len(times) // 2]
    return {
        "faceauth": {"p50_ms": ours["latency_ms"]["p50"], "cpu_ms": ours["cpu_ms"], "peak_mb": ours["peak_mb"]},
        "verifyface": {
            "p50_ms": mid(results[0]["ms"]),
            "cpu_ms": min(result["cpu_ms"] for result in results),
            "p50_ms_one_thread": mid(results[1]["ms"]),
            "peak_mb": min(result["peak_mb"] for result in results),
        },
        "face_api": {
            "p50_ms": mid(face_api["ms"]),
            "cpu_ms": face_api["cpu_ms"],
            "peak_mb": face_api["peak_mb"],
        },
    }


def accuracy(binary, python, folder, images):
    """Error rates of all three on the same pictures."""
    result = {}
    for peer, measure in (("verifyface", "cosine"), ("dlib", "distance")):
        say(f"Error rates of {peer}")
        out = folder / f"{peer}.npz"
        subprocess.run([python, HERE / "peers/embed.py", peer, images, out], check=True)
        command = [python, HERE / "accuracy.py", out, measure, *FMRS]
        result[peer] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    say("Error rates of FaceAuth")
    for name, flags in (("faceauth", []), ("faceauth_any_quality", ["--quality", "any"])):
        out = folder / f"{name}.json"
        variables = os.environ | {
            "FACEAUTH__MODE": "development",
            "FACEAUTH__MODELS__WEIGHTS_DIR": str(ROOT / "models/weights"),
            "FACEAUTH__MODELS__MANIFEST": str(ROOT / "models/manifest.toml"),
        }
        command = [binary, "eval", "verification", "--central", "--images", images, "--json", out, *flags]
        subprocess.run(command, check=True, env=variables, stdout=subprocess.DEVNULL)
        report = json.loads(out.read_text())
        rates = [
            {"fmr": at["target_fmr"], "fnmr": at["fnmr"]["rate"]}
            for at in report["thresholds"]
            if at["target_fmr"] in (1e-3, 1e-4)
        ]
        result[name] = {
            "pictures": report["samples"],
            "without_face": len(report["failures_to_acquire"]),
            "mated": report["mated"],
            "non_mated": report["non_mated"],
            "rates": rates,
        }
    return result


def table(result):
    """The result as Markdown."""
    ours, dlib, inside = result["faceauth"], result["django_dlib"], result["in_process"]
    one, many = ours["one"], ours["many"]
    rows = [
        ("over HTTP, one client: p50, ms", one["p50_ms"], dlib["one"]["p50_ms"], None, None),
        ("p99, ms", one["p99_ms"], dlib["one"]["p99_ms"], None, None),
        (f"{CLIENTS} clients: sign-ins a second", many["a_second"], dlib["many"]["a_second"], None, None),
        ("processor time a sign-in, ms", many["cpu_ms"], dlib["many"]["cpu_ms"], None, None),
        ("largest process, MB", many["largest_process_mb"], dlib["many"]["largest_process_mb"], None, None),
        ("all processes, MB", many["all_processes_mb"], dlib["many"]["all_processes_mb"], None, None),
    ]
    for name, key in (
        ("in process: p50, ms", "p50_ms"),
        ("processor time a sign-in, ms", "cpu_ms"),
        ("peak memory, MB", "peak_mb"),
    ):
        who = inside["faceauth"], inside["verifyface"], inside["face_api"]
        mine, verifyface, face_api = (one[key] for one in who)
        rows.append((name, mine, None, verifyface, face_api))
    lines = [
        "| | FaceAuth | Django + dlib | ours / theirs | verifyface | ours / theirs | face-api | ours / theirs |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]

    def cell(value, unit=""):
        return "" if value is None else f"{value:.1f}{unit}"

    def ratio(mine, theirs):
        return "" if theirs is None else f"**{mine / theirs:.3g}**"

    def line(name, mine, peers, unit=""):
        cells = [cell(mine, unit)]
        for theirs in peers:
            cells += [cell(theirs, unit), ratio(mine, theirs)]
        lines.append(f"| {name} | {' | '.join(cells)} |")

    for name, mine, *peers in rows:
        line(name, mine, peers)
    for index, fmr in enumerate(FMRS if "accuracy" in result else []):
        rate = lambda who: 100 * result["accuracy"][who]["rates"][index]["fnmr"]
        for name, who in (("", "faceauth"), (", any quality", "faceauth_any_quality")):
            peers = rate("dlib"), rate("verifyface"), None
            line(f"FNMR at an FMR of {fmr}{name}", rate(who), peers, " %")
    if "accuracy" in result:
        lines.append("")
        for who, found in result["accuracy"].items():
            lines.append(
                f"- {who}: {found['pictures']} pictures, {found['without_face']} without a usable face, "
                f"{found['mated']} mated and {found['non_mated']} non-mated comparisons"
            )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    photos = ROOT / ".dev/photos"
    parser.add_argument("--enrolled", type=pathlib.Path, default=photos / "obama.jpg")
    parser.add_argument("--probe", type=pathlib.Path, default=photos / "obama2.jpg")
    parser.add_argument("--lfw", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--python", type=pathlib.Path, help="a Python that has the peers already")
    parser.add_argument("--node", type=pathlib.Path, help="a folder whose node_modules has them already")
    parser.add_argument("--out", type=pathlib.Path, help="write the figures as JSON as well")
    options = parser.parse_args()
    if "DATABASE_URL" not in os.environ:
        raise SystemExit("run this with ./dev run, which starts a database")
    say("Building FaceAuth")
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "faceauth-server", "-p", "faceauth-clip"], cwd=ROOT, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    binary = target / "release" / "faceauth"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        python = options.python or environment(folder / "peers")
        node = options.node or node_packages(folder / "node")
        frames = folder / "enrolled.jpg", folder / "probe.jpg"
        for picture, frame in zip((options.enrolled, options.probe), frames):
            subprocess.run([python, HERE / "peers/camera_frame.py", picture, frame], check=True)
        enrolled, probe = (frame.read_bytes() for frame in frames)
        with (
            faceauth(binary, enrolled, probe) as ours,
            django_dlib(python, folder, enrolled, probe) as dlib,
        ):
            result = over_http({"faceauth": ours, "django_dlib": dlib}, options.seconds)
        result["in_process"] = in_process(binary, python, node, *frames, options.seconds)
        if options.lfw:
            result["accuracy"] = accuracy(binary, python, folder, options.lfw)
    if options.out:
        options.out.write_text(json.dumps(result, indent=2) + "\n")
    print(table(result))


main()
