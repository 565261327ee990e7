"""What the service answers when it does not do what it was asked, as exceptions.

Nothing here holds the body of an answer: an answer may have tokens.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from http import HTTPStatus
from typing import NoReturn

import httpx

PROBLEM = "application/problem+json"
JSON = "application/json"


class FaceAuthError(Exception):
    """The service did not do what it was asked."""


class Refused(FaceAuthError):
    """The service refused (RFC 9457). Programs look at `code`."""

    status: int
    """The HTTP status."""
    code: str
    """Why: a value of `ErrorCode`, or a newer one."""
    title: str
    """The code in words."""
    detail: str
    """What to do next."""
    retry_after: int | None
    """Seconds to wait before trying again."""
    request_id: str | None
    """The request, for questions to the operator."""
    pointers: tuple[str, ...]
    """JSON pointers to the parts of the request that this is about."""

    def __init__(self, status: int, problem: Mapping[str, object], retry_after: str | None) -> None:
        self.status = status
        self.code = str(problem["code"])
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        self.retry_after = _seconds(problem.get("retry_after", retry_after))
        request = problem.get("request_id")
        self.request_id = request if isinstance(request, str) else None
        errors = problem.get("errors")
        self.pointers = tuple(
            str(error["pointer"])
            for error in (errors if isinstance(errors, list) else [])
            if isinstance(error, dict) and "pointer" in error
        )
        super().__init__(f"{self.code}: {self.detail or self.title}")


class Unexpected(FaceAuthError):
    """An answer that is not the service's own, such as that of a proxy that cannot reach it."""

    status: int
    """The HTTP status."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"an answer with status {status} that the service does not document")


def raise_refusal(response: httpx.Response) -> Awaitable[None] | None:
    """Raises what `response` refuses: a hook of httpx, of both kinds of client."""
    if isinstance(response.stream, httpx.AsyncByteStream):
        return _raise_later(response)
    if _refuses(response):
        response.read()
        _raise(response)
    return None


async def _raise_later(response: httpx.Response) -> None:
    if _refuses(response):
        await response.aread()
        _raise(response)


def _refuses(response: httpx.Response) -> bool:
    """Whether `response` is an error. Those of OAuth (`/token`, `/userinfo`) are left to the
    generated functions, which know their form."""
    if response.status_code < HTTPStatus.BAD_REQUEST:
        return False
    of_oauth = _media_type(response) == JSON
    return not (of_oauth and response.status_code < HTTPStatus.INTERNAL_SERVER_ERROR)


def _raise(response: httpx.Response) -> NoReturn:
    try:
        problem = response.json() if _media_type(response) == PROBLEM else None
    except ValueError:
        problem = None
    if not isinstance(problem, dict) or "code" not in problem:
        raise Unexpected(response.status_code)
    raise Refused(response.status_code, problem, response.headers.get("retry-after"))


def _media_type(response: httpx.Response) -> str:
    declared: str = response.headers.get("content-type", "")
    return declared.partition(";")[0].strip().lower()


def _seconds(value: object) -> int | None:
    """`value` in seconds. A proxy may write a date (RFC 9110, 10.2.3), which is no number."""
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else None
