from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.batch_item import BatchItem
from ...models.batch_result import BatchResult
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: BatchItem,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/register/batch",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/x-ndjson"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> BatchResult | Problem | None:
    if response.status_code == 200:
        response_200 = BatchResult.from_dict(response.json())

        return response_200

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

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
) -> Response[BatchResult | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: BatchItem,
) -> Response[BatchResult | Problem]:
    """Enrol many

     Takes one JSON object a line and answers one a line, in the same order, while it still reads. It
    finishes each line before it reads the next. A batch signs nobody in, and the service vouches
    for the pictures. A line that fails does not stop the others. To resume after an interruption,
    send everything again. A line with the `idempotency_key` that it had within the last day is
    answered like the first time. Without a key, a line for an existing account answers
    `username_taken`. Needs the scope `enrol`.

    Args:
        body (BatchItem): One person, a line of the request.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BatchResult | Problem]
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
    body: BatchItem,
) -> BatchResult | Problem | None:
    """Enrol many

     Takes one JSON object a line and answers one a line, in the same order, while it still reads. It
    finishes each line before it reads the next. A batch signs nobody in, and the service vouches
    for the pictures. A line that fails does not stop the others. To resume after an interruption,
    send everything again. A line with the `idempotency_key` that it had within the last day is
    answered like the first time. Without a key, a line for an existing account answers
    `username_taken`. Needs the scope `enrol`.

    Args:
        body (BatchItem): One person, a line of the request.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BatchResult | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: BatchItem,
) -> Response[BatchResult | Problem]:
    """Enrol many

     Takes one JSON object a line and answers one a line, in the same order, while it still reads. It
    finishes each line before it reads the next. A batch signs nobody in, and the service vouches
    for the pictures. A line that fails does not stop the others. To resume after an interruption,
    send everything again. A line with the `idempotency_key` that it had within the last day is
    answered like the first time. Without a key, a line for an existing account answers
    `username_taken`. Needs the scope `enrol`.

    Args:
        body (BatchItem): One person, a line of the request.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BatchResult | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: BatchItem,
) -> BatchResult | Problem | None:
    """Enrol many

     Takes one JSON object a line and answers one a line, in the same order, while it still reads. It
    finishes each line before it reads the next. A batch signs nobody in, and the service vouches
    for the pictures. A line that fails does not stop the others. To resume after an interruption,
    send everything again. A line with the `idempotency_key` that it had within the last day is
    answered like the first time. Without a key, a line for an existing account answers
    `username_taken`. Needs the scope `enrol`.

    Args:
        body (BatchItem): One person, a line of the request.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BatchResult | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
