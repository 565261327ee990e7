from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.oauth_error_body import OauthErrorBody
from ...models.presented_token_request import PresentedTokenRequest
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: PresentedTokenRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/oauth/revoke",
    }

    _kwargs["data"] = body.to_dict()
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | OauthErrorBody | Problem | None:
    if response.status_code == 200:
        response_200 = cast(Any, None)
        return response_200

    if response.status_code == 400:
        response_400 = OauthErrorBody.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = OauthErrorBody.from_dict(response.json())

        return response_401

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Any | OauthErrorBody | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: PresentedTokenRequest,
) -> Response[Any | OauthErrorBody | Problem]:
    """Give a token back

     Ends the session of the app that the token belongs to (RFC 7009). A refresh token and an access
    token do the same. A token that is unknown, too old or of another app is no error. APIs that
    check only the signature of an access token accept it until it expires.

    Args:
        body (PresentedTokenRequest): A token that a client presents (RFC 7009, 2.1; RFC 7662,
            2.1). Example: {'client_id': 'timesheets', 'token':
            'tGzv3JOkF0XG5Qx2TlKWIAtGzv3JOkF0XG5Qx2TlKWI', 'token_type_hint': 'refresh_token'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | OauthErrorBody | Problem]
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
    body: PresentedTokenRequest,
) -> Any | OauthErrorBody | Problem | None:
    """Give a token back

     Ends the session of the app that the token belongs to (RFC 7009). A refresh token and an access
    token do the same. A token that is unknown, too old or of another app is no error. APIs that
    check only the signature of an access token accept it until it expires.

    Args:
        body (PresentedTokenRequest): A token that a client presents (RFC 7009, 2.1; RFC 7662,
            2.1). Example: {'client_id': 'timesheets', 'token':
            'tGzv3JOkF0XG5Qx2TlKWIAtGzv3JOkF0XG5Qx2TlKWI', 'token_type_hint': 'refresh_token'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | OauthErrorBody | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: PresentedTokenRequest,
) -> Response[Any | OauthErrorBody | Problem]:
    """Give a token back

     Ends the session of the app that the token belongs to (RFC 7009). A refresh token and an access
    token do the same. A token that is unknown, too old or of another app is no error. APIs that
    check only the signature of an access token accept it until it expires.

    Args:
        body (PresentedTokenRequest): A token that a client presents (RFC 7009, 2.1; RFC 7662,
            2.1). Example: {'client_id': 'timesheets', 'token':
            'tGzv3JOkF0XG5Qx2TlKWIAtGzv3JOkF0XG5Qx2TlKWI', 'token_type_hint': 'refresh_token'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | OauthErrorBody | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: PresentedTokenRequest,
) -> Any | OauthErrorBody | Problem | None:
    """Give a token back

     Ends the session of the app that the token belongs to (RFC 7009). A refresh token and an access
    token do the same. A token that is unknown, too old or of another app is no error. APIs that
    check only the signature of an access token accept it until it expires.

    Args:
        body (PresentedTokenRequest): A token that a client presents (RFC 7009, 2.1; RFC 7662,
            2.1). Example: {'client_id': 'timesheets', 'token':
            'tGzv3JOkF0XG5Qx2TlKWIAtGzv3JOkF0XG5Qx2TlKWI', 'token_type_hint': 'refresh_token'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | OauthErrorBody | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
