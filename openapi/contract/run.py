"""Runs Schemathesis against a service, with the document the service itself answers.

`python3 run.py ST BASE_URL`: ST is Schemathesis' program. FACEAUTH_PHOTO names a picture of a face,
FACEAUTH_API_KEY is a key with every scope. Nothing of the service is kept: use one whose
database can go.
"""

import base64
import json
import os
import re
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))

# A server error, a status or a header or a body the document does not describe, and a request
# that breaks the document and is taken all the same.
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
]

# Takes every line for itself: one that is no person is refused in its result, and the request
# as a whole is not.
LINES = "register_batch"

# Ends the account that the others work with: runs last, by itself.
LAST = "erase_me"


def access_token(base):
    """Enrols somebody and answers their token."""
    with open(os.environ["FACEAUTH_PHOTO"], "rb") as photo:
        picture = base64.b64encode(photo.read()).decode()
    body = {
        "username": "contract" + os.urandom(4).hex(),
        "face_image": picture,
        "consent": {"policy_version": "1", "granted": True},
    }
    request = urllib.request.Request(
        base + "/register", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["access_token"]


def run(st, base, token, selection, checks=CHECKS):
    """One run; answers how many cases passed, or ends with what failed."""
    command = [
        sys.executable, st, "run", base + "/openapi.json",
        "--checks", ",".join(checks),
        "--max-examples", "50",
        # The same cases in every run: a change of ours is what makes one fail.
        "--generation-deterministic",
        "--seed", "1",
        "--request-timeout", "60",
        "--header", "Authorization: Bearer " + token,
        "--header", "X-Api-Key: " + os.environ["FACEAUTH_API_KEY"],
        *selection,
    ]
    environment = dict(os.environ, SCHEMATHESIS_HOOKS="hooks", NO_COLOR="1")
    environment["PYTHONPATH"] = os.pathsep.join([HERE, os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(command, env=environment, cwd=HERE, capture_output=True, text=True)
    passed = re.search(r"(\d+) generated, (\d+) passed", done.stdout)
    if done.returncode != 0 or not passed:
        print(done.stdout, done.stderr, sep="\n")
        print("# fail 1")
        sys.exit(1)
    return int(passed.group(2))


def main():
    st, base = sys.argv[1:]
    token = access_token(base)
    others = ["--exclude-operation-id", LAST, "--exclude-operation-id", LINES]
    passed = run(st, base, token, others)
    passed += run(st, base, token, ["--include-operation-id", LINES], CHECKS[:-1])
    passed += run(st, base, token, ["--include-operation-id", LAST])
    print(f"{passed} requests were answered as the document says")
    # One test: how many cases there are is Schemathesis' affair.
    print("# pass 1")


if __name__ == "__main__":
    main()
