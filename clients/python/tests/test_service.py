"""The client against the real service, with real pictures."""

from __future__ import annotations

import asyncio
import base64
import os
import secrets
from pathlib import Path

import pytest

from faceauth import (
    BatchItem,
    ConsentBody,
    ErrorCode,
    FaceAuth,
    Refused,
    RegisterResponse,
    VerifyResponse,
)
from faceauth.generated.api.account import erase_me, me
from faceauth.generated.api.services import register_batch
from faceauth.generated.api.sign_in import verify
from faceauth.generated.models import VerifyRequest
from faceauth.generated.types import Unset

AGREED_TO = "2026-11"

FAILURES_IN_A_ROW = 5
"""After so many a name has to wait: docs/api.md, "Failed sign-ins"."""


def enrol(service: FaceAuth, name: str, *pictures: Path) -> RegisterResponse:
    enrolled = service.enrol(name, pictures, agreed_to=AGREED_TO)
    assert isinstance(enrolled, RegisterResponse)
    return enrolled


def test_a_person_enrols_signs_in_renews_and_signs_out(
    service: FaceAuth, photos: Path, name: str
) -> None:
    enrolled = enrol(service, name, photos / "obama.jpg", photos / "obama2.jpg")
    assert enrolled.user.username == name
    assert len(enrolled.faces) == 2

    signed_in = service.sign_in(name, (photos / "obama3.jpg").read_bytes())
    assert isinstance(signed_in, VerifyResponse)
    assert signed_in.user.id == enrolled.user.id
    assert isinstance(signed_in.device_token, str)

    again = service.sign_in(name, photos / "obama3.jpg", device_token=signed_in.device_token)
    assert isinstance(again, VerifyResponse)

    renewed = service.renew(signed_in.refresh_token)
    assert renewed.refresh_token != signed_in.refresh_token
    with service.signed_in(renewed.access_token) as account:
        answer = me.sync(client=account)
        assert answer is not None and answer.to_dict()["username"] == name

        service.sign_out(renewed.refresh_token)
        with pytest.raises(Refused) as ended:
            me.sync(client=account)
    assert (ended.value.status, ended.value.code) == (401, ErrorCode.TOKEN_INVALID)
    with pytest.raises(Refused) as used:
        service.renew(renewed.refresh_token)
    assert (used.value.status, used.value.code) == (401, ErrorCode.TOKEN_INVALID)
    service.sign_out(renewed.refresh_token)


def test_a_lost_renewal_is_asked_for_again(service: FaceAuth, photos: Path, name: str) -> None:
    enrolled = enrol(service, name, photos / "obama.jpg")
    key = secrets.token_urlsafe(32)
    first, second = (service.renew(enrolled.refresh_token, retry_key=key) for _ in range(2))
    assert first.refresh_token == second.refresh_token


def test_another_face_is_refused_and_then_has_to_wait(
    service: FaceAuth, photos: Path, name: str
) -> None:
    enrol(service, name, photos / "obama.jpg")
    for _ in range(FAILURES_IN_A_ROW):
        with pytest.raises(Refused) as failed:
            service.sign_in(name, photos / "biden.jpg")
        assert (failed.value.status, failed.value.code) == (401, ErrorCode.AUTHENTICATION_FAILED)
        assert failed.value.retry_after is None
    with pytest.raises(Refused) as waiting:
        service.sign_in(name, photos / "biden.jpg")
    assert (waiting.value.status, waiting.value.code) == (429, ErrorCode.TOO_MANY_FAILURES)
    assert waiting.value.retry_after is not None and waiting.value.retry_after > 0
    assert waiting.value.detail in str(waiting.value)
    assert waiting.value.request_id


def test_a_picture_without_a_face_says_where(service: FaceAuth, photos: Path, name: str) -> None:
    with pytest.raises(Refused) as refused:
        service.enrol(name, [photos / "obama.jpg", photos / "brick.png"], agreed_to=AGREED_TO)
    assert (refused.value.status, refused.value.code) == (422, ErrorCode.NO_FACE)
    assert refused.value.pointers == ("/face_images/1",)


def test_a_repeated_enrolment_needs_its_key(service: FaceAuth, photos: Path, name: str) -> None:
    picture = photos / "obama.jpg"
    first, second = (
        service.enrol(name, [picture], agreed_to=AGREED_TO, idempotency_key=name) for _ in range(2)
    )
    assert isinstance(first, RegisterResponse) and isinstance(second, RegisterResponse)
    assert first.user.id == second.user.id
    with pytest.raises(Refused) as taken:
        service.enrol(name, [picture], agreed_to=AGREED_TO)
    assert (taken.value.status, taken.value.code) == (409, ErrorCode.USERNAME_TAKEN)


def test_json_carries_pictures_too_and_coroutines_are_refused_alike(
    service: FaceAuth, photos: Path, name: str
) -> None:
    enrol(service, name, photos / "obama.jpg")

    def asked(picture: bytes) -> VerifyRequest:
        return VerifyRequest(username=name, face_image=base64.b64encode(picture).decode())

    async def both() -> None:
        async with FaceAuth(os.environ["FACEAUTH_BASE_URL"]).client as client:
            with pytest.raises(Refused) as refused:
                await verify.asyncio(client=client, body=asked(b"no picture"))
            assert refused.value.code == ErrorCode.UNSUPPORTED_MEDIA_TYPE
            body = asked((photos / "obama2.jpg").read_bytes())
            assert isinstance(await verify.asyncio(client=client, body=body), VerifyResponse)

    asyncio.run(both())


def test_a_false_answer_to_the_second_factor_is_read(
    service: FaceAuth, photos: Path, name: str
) -> None:
    enrol(service, name, photos / "obama.jpg")
    signed_in = service.sign_in(name, photos / "obama.jpg", second_factor=False)
    assert isinstance(signed_in, VerifyResponse)


def test_many_are_enrolled_and_one_is_refused(trusted: FaceAuth, photos: Path, name: str) -> None:
    def person(number: int, photo: str) -> BatchItem:
        return BatchItem(
            username=f"{name}-{number}",
            face_image=base64.b64encode((photos / photo).read_bytes()).decode(),
            consent=ConsentBody(granted=True, policy_version=AGREED_TO),
        )

    people = [person(1, "obama.jpg"), person(2, "brick.png"), person(3, "biden.jpg")]
    results = list(trusted.enrol_many(people))
    assert [(result.line, result.status) for result in results] == [(1, 201), (2, 422), (3, 201)]
    assert isinstance(results[1].problem, object) and not isinstance(results[1].problem, Unset)

    one = register_batch.sync(client=trusted.client, body=person(4, "obama2.jpg"))
    assert one is not None and one.to_dict()["status"] == 201


def test_a_batch_needs_a_key(service: FaceAuth) -> None:
    with pytest.raises(Refused) as refused:
        list(service.enrol_many([]))
    assert (refused.value.status, refused.value.code) == (401, ErrorCode.TOKEN_INVALID)


def test_an_account_is_erased(service: FaceAuth, photos: Path, name: str) -> None:
    enrolled = enrol(service, name, photos / "obama.jpg")
    with service.signed_in(enrolled.access_token) as account:
        erase_me.sync_detailed(client=account)
    with pytest.raises(Refused) as nobody:
        service.sign_in(name, photos / "obama.jpg")
    assert nobody.value.code == ErrorCode.AUTHENTICATION_FAILED
