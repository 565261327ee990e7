from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.detect_form import DetectForm
from ...models.detect_request import DetectRequest
from ...models.detect_response import DetectResponse
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: DetectRequest | DetectForm,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/detect",
    }

    if isinstance(body, DetectRequest):
        _kwargs["json"] = body.to_dict()

        headers["Content-Type"] = "application/json"
    if isinstance(body, DetectForm):
        _kwargs["files"] = body.to_multipart()

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DetectResponse | Problem | None:
    if response.status_code == 200:
        response_200 = DetectResponse.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 408:
        response_408 = Problem.from_dict(response.json())

        return response_408

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 422:
        response_422 = Problem.from_dict(response.json())

        return response_422

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[DetectResponse | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: DetectRequest | DetectForm,
) -> Response[DetectResponse | Problem]:
    """Find faces

     Boxes, five points and capture hints for every face. Says nothing about who it is, and keeps
    nothing.

    Args:
        body (DetectRequest): A picture.
        body (DetectForm): `DetectRequest` as a form. Pictures are files, and the field `b` of an
            object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetectResponse | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: DetectRequest | DetectForm,
) -> DetectResponse | Problem | None:
    """Find faces

     Boxes, five points and capture hints for every face. Says nothing about who it is, and keeps
    nothing.

    Args:
        body (DetectRequest): A picture.
        body (DetectForm): `DetectRequest` as a form. Pictures are files, and the field `b` of an
            object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetectResponse | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: DetectRequest | DetectForm,
) -> Response[DetectResponse | Problem]:
    """Find faces

     Boxes, five points and capture hints for every face. Says nothing about who it is, and keeps
    nothing.

    Args:
        body (DetectRequest): A picture.
        body (DetectForm): `DetectRequest` as a form. Pictures are files, and the field `b` of an
            object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DetectResponse | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: DetectRequest | DetectForm,
) -> DetectResponse | Problem | None:
    """Find faces

     Boxes, five points and capture hints for every face. Says nothing about who it is, and keeps
    nothing.

    Args:
        body (DetectRequest): A picture.
        body (DetectForm): `DetectRequest` as a form. Pictures are files, and the field `b` of an
            object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DetectResponse | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
