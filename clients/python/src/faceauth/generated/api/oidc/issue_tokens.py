from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.oauth_error_body import OauthErrorBody
from ...models.problem import Problem
from ...models.token_request import TokenRequest
from ...models.token_response import TokenResponse
from ...types import Response


def _get_kwargs(
    *,
    body: TokenRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/token",
    }

    _kwargs["data"] = body.to_dict()
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> OauthErrorBody | Problem | TokenResponse | None:
    if response.status_code == 200:
        response_200 = TokenResponse.from_dict(response.json())

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
) -> Response[OauthErrorBody | Problem | TokenResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: TokenRequest,
) -> Response[OauthErrorBody | Problem | TokenResponse]:
    """Tokens for an app

     Redeems an authorization code, once and within a minute, or renews a session with a refresh
    token, once. A code or refresh token that comes again ends what it was exchanged for, because
    somebody has a copy.

    Args:
        body (TokenRequest): A token request (RFC 6749, 4.1.3 and 6). Example: {'client_id':
            'timesheets', 'code': 'SplxlOBeZQQYbYS6WxSbIASplxlOBeZQQYbYS6WxSbI', 'code_verifier':
            'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', 'grant_type': 'authorization_code',
            'redirect_uri': 'https://timesheets.example.org/callback'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OauthErrorBody | Problem | TokenResponse]
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
    body: TokenRequest,
) -> OauthErrorBody | Problem | TokenResponse | None:
    """Tokens for an app

     Redeems an authorization code, once and within a minute, or renews a session with a refresh
    token, once. A code or refresh token that comes again ends what it was exchanged for, because
    somebody has a copy.

    Args:
        body (TokenRequest): A token request (RFC 6749, 4.1.3 and 6). Example: {'client_id':
            'timesheets', 'code': 'SplxlOBeZQQYbYS6WxSbIASplxlOBeZQQYbYS6WxSbI', 'code_verifier':
            'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', 'grant_type': 'authorization_code',
            'redirect_uri': 'https://timesheets.example.org/callback'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OauthErrorBody | Problem | TokenResponse
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: TokenRequest,
) -> Response[OauthErrorBody | Problem | TokenResponse]:
    """Tokens for an app

     Redeems an authorization code, once and within a minute, or renews a session with a refresh
    token, once. A code or refresh token that comes again ends what it was exchanged for, because
    somebody has a copy.

    Args:
        body (TokenRequest): A token request (RFC 6749, 4.1.3 and 6). Example: {'client_id':
            'timesheets', 'code': 'SplxlOBeZQQYbYS6WxSbIASplxlOBeZQQYbYS6WxSbI', 'code_verifier':
            'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', 'grant_type': 'authorization_code',
            'redirect_uri': 'https://timesheets.example.org/callback'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OauthErrorBody | Problem | TokenResponse]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: TokenRequest,
) -> OauthErrorBody | Problem | TokenResponse | None:
    """Tokens for an app

     Redeems an authorization code, once and within a minute, or renews a session with a refresh
    token, once. A code or refresh token that comes again ends what it was exchanged for, because
    somebody has a copy.

    Args:
        body (TokenRequest): A token request (RFC 6749, 4.1.3 and 6). Example: {'client_id':
            'timesheets', 'code': 'SplxlOBeZQQYbYS6WxSbIASplxlOBeZQQYbYS6WxSbI', 'code_verifier':
            'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk', 'grant_type': 'authorization_code',
            'redirect_uri': 'https://timesheets.example.org/callback'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OauthErrorBody | Problem | TokenResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
