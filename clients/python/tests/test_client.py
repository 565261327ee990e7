"""What does not need a service: what is sent, and answers that no service gives."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

import faceauth.generated
from faceauth import FaceAuth, Refused, Unexpected
from faceauth.generated.api.oidc import issue_tokens
from faceauth.generated.models import OauthErrorBody, TokenRequest

SECRET = "fk_a-secret-that-nobody-prints"


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> FaceAuth:
    transport = httpx.MockTransport(answer)
    return FaceAuth("http://service.test", api_key=SECRET, httpx_args={"transport": transport})


def problem(status: int, body: dict[str, Any], **headers: str) -> FaceAuth:
    headers = {"content-type": "application/problem+json", **headers}
    return answering(lambda _: httpx.Response(status, json=body, headers=headers))


def test_every_generated_module_can_be_imported() -> None:
    package = faceauth.generated
    modules = list(pkgutil.walk_packages(package.__path__, package.__name__ + "."))
    for module in modules:
        importlib.import_module(module.name)
    assert any(module.name.endswith(".sign_in.verify") for module in modules)


def test_a_picture_cannot_add_fields_to_its_form() -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(503, content=b"")

    service = answering(answer)
    for _ in range(2):
        with pytest.raises(Unexpected):
            service.sign_in("ada", b"--+++\r\n", second_factor=True)
    first, second = (request.headers["content-type"] for request in sent)
    assert first.startswith("multipart/form-data; boundary=") and first != second
    assert sent[0].headers["x-api-key"] == SECRET
    assert b"ada" in sent[0].content and b'filename="picture"' in sent[0].content
    assert b"device_token" not in sent[0].content, "what is not given is not sent"


def test_a_newer_code_is_a_refusal_all_the_same() -> None:
    service = problem(418, {"code": "of_tomorrow", "title": "New", "detail": "Wait."})
    with pytest.raises(Refused) as refused:
        service.sign_in("ada", b"")
    assert (refused.value.status, refused.value.code) == (418, "of_tomorrow")
    assert (refused.value.title, refused.value.detail) == ("New", "Wait.")
    assert (refused.value.retry_after, refused.value.request_id) == (None, None)
    assert refused.value.pointers == ()


@pytest.mark.parametrize(
    ("body", "header", "seconds"),
    [
        ({"code": "overloaded"}, "7", 7),
        ({"code": "overloaded", "retry_after": 3}, "7", 3),
        ({"code": "overloaded"}, "Sat, 28 Nov 2026 09:30:00 GMT", None),
    ],
)
def test_the_time_to_wait_is_read_where_it_stands(
    body: dict[str, Any], header: str, seconds: int | None
) -> None:
    service = problem(503, body, **{"retry-after": header})
    with pytest.raises(Refused) as refused:
        service.renew("fr_used")
    assert refused.value.retry_after == seconds


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(502, html="<h1>Bad gateway</h1>"),
        httpx.Response(500, json={"error": "of somebody else"}),
        httpx.Response(400, content=b"{", headers={"content-type": "application/problem+json"}),
        httpx.Response(400, json=[], headers={"content-type": "application/problem+json"}),
        httpx.Response(302, headers={"location": "http://elsewhere.test"}),
    ],
)
def test_answers_of_others_are_unexpected_and_not_repeated(answer: httpx.Response) -> None:
    service = answering(lambda _: answer)
    calls: list[Callable[[], object]] = [
        lambda: service.sign_in("ada", b""),
        lambda: service.enrol("ada", [b""], agreed_to="1"),
        lambda: service.renew("fr_used"),
        lambda: service.sign_out("fr_used"),
        lambda: list(service.enrol_many([])),
    ]
    for call in calls:
        with pytest.raises(Unexpected) as unexpected:
            call()
        assert unexpected.value.status == answer.status_code
        assert "somebody" not in str(unexpected.value)


def test_errors_of_oauth_keep_their_form() -> None:
    body = {"error": "invalid_grant", "error_description": "Used."}
    service = answering(lambda _: httpx.Response(400, json=body))
    answer = issue_tokens.sync(client=service.client, body=TokenRequest(grant_type="refresh_token"))
    assert isinstance(answer, OauthErrorBody) and answer.error == "invalid_grant"


def test_the_key_of_a_service_is_not_printed() -> None:
    with FaceAuth("http://service.test", api_key=SECRET) as service:
        assert SECRET not in repr(service)
        assert "service.test" in repr(service)


def test_the_licence_is_that_of_the_service() -> None:
    package = Path(__file__).parent.parent
    assert (package / "LICENSE").read_bytes() == (package / "../../LICENSE").read_bytes()
