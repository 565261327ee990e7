"""An API in Flask that takes access tokens of FaceAuth.

PyJWT verifies them: it fetches the keys of the service, keeps them, and fetches again when a token
names one it does not know.
"""

import os

import jwt
import requests
from flask import Flask, jsonify, request

ISSUER = os.environ["ISSUER"]
# What `audience` of the client says, so that tokens for others open nothing here.
AUDIENCE = os.environ["AUDIENCE"]
PORT = int(os.environ["PORT"])

metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10).json()
keys = jwt.PyJWKClient(metadata["jwks_uri"], lifespan=300)
app = Flask(__name__)


def caller():
    """Who is calling. Raises jwt.PyJWTError when the token is not for us or not valid any more."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise jwt.InvalidTokenError("no bearer token")
    # No ID token passes for an access token.
    if jwt.get_unverified_header(token).get("typ") != "at+jwt":
        raise jwt.InvalidTokenError("not an access token")
    return jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token).key,
        algorithms=["EdDSA", "ES256"],
        issuer=ISSUER,
        audience=AUDIENCE,
        # Clocks differ.
        leeway=5,
        options={"require": ["exp", "iss", "aud", "sub"]},
    )


@app.get("/")
def who():
    claims = caller()
    return jsonify(sub=claims["sub"], acr=claims["acr"])


@app.errorhandler(jwt.PyJWTError)
def refused(_):
    return "", 401, {"WWW-Authenticate": 'Bearer error="invalid_token"'}


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=PORT)
