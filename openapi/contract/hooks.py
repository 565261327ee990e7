"""What Schemathesis has to be told of this API: its line format, and what a picture is."""

import base64
import json
import os
import random

import schemathesis

NDJSON = "application/x-ndjson"

with open(os.environ["FACEAUTH_PHOTO"], "rb") as photo:
    PHOTO = base64.b64encode(photo.read()).decode()

# Of the requests with pictures so many have a real one, so that what comes after decoding is
# reached too. The rest has what Schemathesis makes up.
REAL = 0.5

choice = random.Random(1)


@schemathesis.serializer(NDJSON)
def serialize_lines(ctx, value):
    lines = value if isinstance(value, list) else [value]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


@schemathesis.deserializer(NDJSON)
def deserialize_lines(ctx, response):
    """The first line; each has the same schema. An empty answer answers an empty request."""
    lines = response.content.decode().splitlines()
    return json.loads(lines[0]) if lines else {"line": 1, "status": 201}


@schemathesis.hook
def map_body(context, body):
    if isinstance(body, dict) and choice.random() < REAL:
        for field in ("face_image", "image"):
            if isinstance(body.get(field), str):
                body[field] = PHOTO
        if isinstance(body.get("consent"), dict) and "granted" in body["consent"]:
            body["consent"]["granted"] = True
    return body
