"""The steps that most programs need, over the generated functions."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from ._refusals import Unexpected, raise_refusal
from .generated.api.sign_in import register, verify
from .generated.api.tokens import refresh_token as renewal
from .generated.api.tokens import revoke_token as revocation
from .generated.client import AuthenticatedClient, Client
from .generated.models import (
    BatchItem,
    BatchResult,
    RefreshRequest,
    RegisterForm,
    RegisterResponse,
    RevokeRequest,
    SecondFactorBody,
    SignedInBody,
    VerifyForm,
    VerifyResponse,
)
from .generated.types import UNSET, File, Response, Unset

Picture = bytes | os.PathLike[str]
"""A JPEG, PNG or WebP: its bytes, or the path of its file."""

PATIENCE = 30.0
"""Seconds that an answer may take. A sign-in on a busy service waits for its turn, and the service
itself refuses what would wait too long."""

BATCH = "/register/batch"
LINES = "application/x-ndjson"

Answer = TypeVar("Answer")


class FaceAuth:
    """A FaceAuth service. Keep one for the life of the program: it holds connections.

    `api_key` is the key of a service (`faceauth keys api create`). Never give one to a program that
    runs on the device of a person. `httpx_args` goes to `httpx.Client`, as the generated clients
    pass it on.
    """

    client: Client
    """For the functions of `faceauth.generated.api`."""

    def __init__(
        self,
        base_url: str,
        *,
        api_key: str | None = None,
        timeout: float = PATIENCE,
        httpx_args: Mapping[str, Any] | None = None,
    ) -> None:
        self._base_url = base_url
        self._timeout = httpx.Timeout(timeout)
        self._httpx_args = {**(httpx_args or {}), "event_hooks": {"response": [raise_refusal]}}
        headers = {} if api_key is None else {"X-Api-Key": api_key}
        self.client = Client(
            base_url=base_url, headers=headers, timeout=self._timeout, httpx_args=self._httpx_args
        )

    def enrol(
        self,
        username: str,
        pictures: Sequence[Picture],
        *,
        agreed_to: str,
        invitation: str | None = None,
        idempotency_key: str | None = None,
    ) -> RegisterResponse | SecondFactorBody:
        """Makes an account of one to five pictures of one person.

        `agreed_to` is the version of the text about biometric data that the person has agreed to.
        Ask them before you call this. The answer is a `SecondFactorBody` where a passkey is asked
        for: there are no tokens yet.
        """
        form = RegisterForm(
            username=username,
            consent_granted=True,
            consent_policy_version=agreed_to,
            face_images=[_file(picture) for picture in pictures],
            invitation=_given(invitation),
        )
        answer = register.sync_detailed(
            client=self.client, body=form, idempotency_key=_given(idempotency_key)
        )
        if isinstance(answer.parsed, SecondFactorBody):
            return answer.parsed
        return _expect(answer, RegisterResponse)

    def sign_in(
        self,
        username: str,
        picture: Picture,
        *,
        device_token: str | None = None,
        second_factor: bool | None = None,
    ) -> VerifyResponse | SecondFactorBody:
        """Signs a person in by a picture of their face.

        Another person, an unknown name and an account without faces are all refused with
        `authentication_failed`. Keep `device_token` of the answer on the device and send it the
        next time. The answer is a `SecondFactorBody` where a passkey is asked for: there are no
        tokens yet.
        """
        form = VerifyForm(
            username=username,
            face_image=_file(picture),
            device_token=_given(device_token),
            second_factor=_given(second_factor),
        )
        answer = verify.sync_detailed(client=self.client, body=form)
        if isinstance(answer.parsed, SecondFactorBody):
            return answer.parsed
        return _expect(answer, VerifyResponse)

    def renew(self, refresh_token: str, *, retry_key: str | None = None) -> SignedInBody:
        """Uses up a refresh token and answers the next tokens.

        Draw a `retry_key` (`secrets.token_urlsafe(32)`) to be able to ask again when the answer was
        lost: a used token without one ends the session.
        """
        body = RefreshRequest(refresh_token=refresh_token, retry_key=_given(retry_key))
        return _expect(renewal.sync_detailed(client=self.client, body=body), SignedInBody)

    def sign_out(self, refresh_token: str) -> None:
        """Ends the session of a refresh token. An unknown or used one is no error."""
        body = RevokeRequest(refresh_token=refresh_token)
        answer = revocation.sync_detailed(client=self.client, body=body)
        if answer.status_code != HTTPStatus.NO_CONTENT:
            raise Unexpected(answer.status_code)

    def enrol_many(self, people: Iterable[BatchItem]) -> Iterator[BatchResult]:
        """Enrols a person for each item, and answers while it sends.

        It needs an API key with the scope `enrol`. A person who is refused does not stop the
        others: look at `status` of each result.
        """
        lines = (json.dumps(person.to_dict()).encode() + b"\n" for person in people)
        http = self.client.get_httpx_client()
        headers = {"Content-Type": LINES}
        with http.stream("POST", BATCH, content=lines, headers=headers) as response:
            if response.status_code != HTTPStatus.OK:
                raise Unexpected(response.status_code)
            for line in response.iter_lines():
                yield BatchResult.from_dict(json.loads(line))

    def signed_in(self, access_token: str) -> AuthenticatedClient:
        """What the functions of `faceauth.generated.api.account` take. Use it in a `with`, which
        closes its connections."""
        return AuthenticatedClient(
            base_url=self._base_url,
            token=access_token,
            timeout=self._timeout,
            httpx_args=self._httpx_args,
        )

    def close(self) -> None:
        """Closes the connections."""
        self.client.get_httpx_client().close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        # Without the key.
        return f"FaceAuth({self._base_url!r})"


def _file(picture: Picture) -> File:
    """The service looks at the bytes alone, so neither name nor type of the file leave."""
    content = picture if isinstance(picture, bytes) else Path(picture).read_bytes()
    return File(BytesIO(content), file_name="picture", mime_type="application/octet-stream")


Given = TypeVar("Given")


def _given(value: Given | None) -> Given | Unset:
    return UNSET if value is None else value


def _expect(answer: Response[Any], kind: type[Answer]) -> Answer:
    if not isinstance(answer.parsed, kind):
        raise Unexpected(answer.status_code)
    return answer.parsed
