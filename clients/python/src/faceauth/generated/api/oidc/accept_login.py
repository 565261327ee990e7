from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.accept_request import AcceptRequest
from ...models.problem import Problem
from ...models.redirect_body import RedirectBody
from ...types import Response


def _get_kwargs(
    *,
    body: AcceptRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/login/accept",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | RedirectBody | None:
    if response.status_code == 200:
        response_200 = RedirectBody.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 408:
        response_408 = Problem.from_dict(response.json())

        return response_408

    if response.status_code == 410:
        response_410 = Problem.from_dict(response.json())

        return response_410

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

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
) -> Response[Problem | RedirectBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: AcceptRequest,
) -> Response[Problem | RedirectBody]:
    """Let an app sign a person in

     For the login page. With the access token of a sign-in that the page has just made, the session
    of that token ends and becomes the login session of the browser, a cookie. Without a token, the
    login session that `signed_in` offered is used. Its cookie gets a new secret in both cases.

    Args:
        body (AcceptRequest): The person lets the app sign them in.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RedirectBody]
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
    body: AcceptRequest,
) -> Problem | RedirectBody | None:
    """Let an app sign a person in

     For the login page. With the access token of a sign-in that the page has just made, the session
    of that token ends and becomes the login session of the browser, a cookie. Without a token, the
    login session that `signed_in` offered is used. Its cookie gets a new secret in both cases.

    Args:
        body (AcceptRequest): The person lets the app sign them in.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RedirectBody
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: AcceptRequest,
) -> Response[Problem | RedirectBody]:
    """Let an app sign a person in

     For the login page. With the access token of a sign-in that the page has just made, the session
    of that token ends and becomes the login session of the browser, a cookie. Without a token, the
    login session that `signed_in` offered is used. Its cookie gets a new secret in both cases.

    Args:
        body (AcceptRequest): The person lets the app sign them in.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RedirectBody]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: AcceptRequest,
) -> Problem | RedirectBody | None:
    """Let an app sign a person in

     For the login page. With the access token of a sign-in that the page has just made, the session
    of that token ends and becomes the login session of the browser, a cookie. Without a token, the
    login session that `signed_in` offered is used. Its cookie gets a new secret in both cases.

    Args:
        body (AcceptRequest): The person lets the app sign them in.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RedirectBody
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
