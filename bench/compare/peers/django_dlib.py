"""The app that FaceAuth replaces, rebuilt small: Django, face_recognition (dlib), a database.

A picture comes as base64 in JSON, its encoding is kept as it is, a sign-in compares by the distance
that face_recognition recommends. Run with gunicorn, which imports `application`.
"""

import base64
import io
import os
import time

import django
from django.conf import settings

settings.configure(
    DEBUG=False,
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.urandom(32).hex(),
    DATABASES={
        "default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["PEER_DATABASE"]}
    },
    DATA_UPLOAD_MAX_MEMORY_SIZE=16 << 20,
)
django.setup()

import face_recognition  # noqa: E402
import jwt  # noqa: E402
import numpy as np  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

# The tolerance of face_recognition's documentation.
TOLERANCE = 0.6
TOKEN_KEY = os.urandom(32)

with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS face (username TEXT PRIMARY KEY, encoding BLOB)")


def encoding(request):
    """Username and the encoding of the one face on the picture."""
    import json

    body = json.loads(request.body)
    picture = face_recognition.load_image_file(io.BytesIO(base64.b64decode(body["face_image"])))
    found = face_recognition.face_encodings(picture)
    return body["username"], found[0] if len(found) == 1 else None


def register(request):
    username, face = encoding(request)
    if face is None:
        return JsonResponse({"error": "no face"}, status=422)
    with connection.cursor() as cursor:
        cursor.execute("REPLACE INTO face VALUES (%s, %s)", [username, face.tobytes()])
    return JsonResponse({}, status=201)


def verify(request):
    username, face = encoding(request)
    with connection.cursor() as cursor:
        cursor.execute("SELECT encoding FROM face WHERE username = %s", [username])
        row = cursor.fetchone()
    if face is None or row is None:
        return JsonResponse({"error": "authentication failed"}, status=401)
    distance = face_recognition.face_distance([np.frombuffer(row[0])], face)[0]
    if distance > TOLERANCE:
        return JsonResponse({"error": "authentication failed"}, status=401)
    claims = {"sub": username, "exp": int(time.time()) + 3600}
    return JsonResponse({"access_token": jwt.encode(claims, TOKEN_KEY, "HS256")})


urlpatterns = [path("register", register), path("verify", verify)]
application = get_wsgi_application()
