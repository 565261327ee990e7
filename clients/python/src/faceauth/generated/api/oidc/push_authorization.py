from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.authorization_parameters import AuthorizationParameters
from ...models.oauth_error_body import OauthErrorBody
from ...models.problem import Problem
from ...models.pushed_body import PushedBody
from ...types import Response


def _get_kwargs(
    *,
    body: AuthorizationParameters,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/oauth/par",
    }

    _kwargs["data"] = body.to_dict()
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> OauthErrorBody | Problem | PushedBody | None:
    if response.status_code == 201:
        response_201 = PushedBody.from_dict(response.json())

        return response_201

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
) -> Response[OauthErrorBody | Problem | PushedBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: AuthorizationParameters,
) -> Response[OauthErrorBody | Problem | PushedBody]:
    """Push an authorization request

     The client sends its request directly (RFC 9126), so that no browser can read or change it.

    Args:
        body (AuthorizationParameters): An authorization request (OpenID Connect Core, 3.1.2.1).
            Example: {'client_id': 'timesheets', 'code_challenge':
            'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'code_challenge_method': 'S256', 'nonce':
            'n-0S6_WzA2Mj', 'redirect_uri': 'https://timesheets.example.org/callback',
            'response_type': 'code', 'scope': 'openid profile', 'state': 'af0ifjsldkj'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OauthErrorBody | Problem | PushedBody]
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
    body: AuthorizationParameters,
) -> OauthErrorBody | Problem | PushedBody | None:
    """Push an authorization request

     The client sends its request directly (RFC 9126), so that no browser can read or change it.

    Args:
        body (AuthorizationParameters): An authorization request (OpenID Connect Core, 3.1.2.1).
            Example: {'client_id': 'timesheets', 'code_challenge':
            'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'code_challenge_method': 'S256', 'nonce':
            'n-0S6_WzA2Mj', 'redirect_uri': 'https://timesheets.example.org/callback',
            'response_type': 'code', 'scope': 'openid profile', 'state': 'af0ifjsldkj'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OauthErrorBody | Problem | PushedBody
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: AuthorizationParameters,
) -> Response[OauthErrorBody | Problem | PushedBody]:
    """Push an authorization request

     The client sends its request directly (RFC 9126), so that no browser can read or change it.

    Args:
        body (AuthorizationParameters): An authorization request (OpenID Connect Core, 3.1.2.1).
            Example: {'client_id': 'timesheets', 'code_challenge':
            'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'code_challenge_method': 'S256', 'nonce':
            'n-0S6_WzA2Mj', 'redirect_uri': 'https://timesheets.example.org/callback',
            'response_type': 'code', 'scope': 'openid profile', 'state': 'af0ifjsldkj'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[OauthErrorBody | Problem | PushedBody]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: AuthorizationParameters,
) -> OauthErrorBody | Problem | PushedBody | None:
    """Push an authorization request

     The client sends its request directly (RFC 9126), so that no browser can read or change it.

    Args:
        body (AuthorizationParameters): An authorization request (OpenID Connect Core, 3.1.2.1).
            Example: {'client_id': 'timesheets', 'code_challenge':
            'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', 'code_challenge_method': 'S256', 'nonce':
            'n-0S6_WzA2Mj', 'redirect_uri': 'https://timesheets.example.org/callback',
            'response_type': 'code', 'scope': 'openid profile', 'state': 'af0ifjsldkj'}.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        OauthErrorBody | Problem | PushedBody
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
