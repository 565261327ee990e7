"""A website in Flask. Its people sign in with FaceAuth.

Authlib does the protocol: PKCE, `state`, `nonce`, and the checks of the ID token.
"""

import os

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, redirect, request, session, url_for
from markupsafe import Markup

ISSUER = os.environ["ISSUER"]
PORT = int(os.environ["PORT"])

app = Flask(__name__)
# Signs the cookie of this website. A real one keeps it outside the program.
app.secret_key = os.environ.get("COOKIE_KEY") or os.urandom(32)

oauth = OAuth(app)
oauth.register(
    "faceauth",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=f"{ISSUER}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile", "code_challenge_method": "S256"},
)

PAGE = Markup('<!doctype html><html lang="en"><title>A website</title><h1>A website</h1>{}</html>')


@app.get("/")
def home():
    person = session.get("person")
    if person is None:
        return PAGE.format(
            Markup('<p id="nobody">Nobody is signed in.</p><p><a href="/sign-in">Sign in</a></p>')
        )
    return PAGE.format(
        Markup(
            '<p>Signed in as <b id="name">{name}</b> by <code id="acr">{acr}</code></p>'
            '<p><a href="/sign-out">Sign out</a></p>'
        ).format(**person)
    )


@app.get("/sign-in")
def sign_in():
    return oauth.faceauth.authorize_redirect(url_for("callback", _external=True))


@app.get("/callback")
def callback():
    # The address in the answer is of the provider that was asked (RFC 9207).
    if request.args.get("iss") != ISSUER:
        return failed("another issuer answered")
    try:
        claims = oauth.faceauth.authorize_access_token()["userinfo"]
    except AuthlibBaseError as error:
        return failed(error.error)
    session.clear()
    session["person"] = {"name": claims["preferred_username"], "acr": claims["acr"]}
    return redirect("/")


@app.get("/sign-out")
def sign_out():
    session.clear()
    return redirect("/")


def failed(reason):
    return PAGE.format(Markup('<p>The sign-in failed: <code id="error">{}</code></p>').format(reason)), 400


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=PORT)
