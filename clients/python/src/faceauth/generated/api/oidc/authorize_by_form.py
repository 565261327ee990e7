from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.authorization_parameters import AuthorizationParameters
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: AuthorizationParameters,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/authorize",
    }

    _kwargs["data"] = body.to_dict()
    headers["Content-Type"] = "application/x-www-form-urlencoded"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Any | Problem | None:
    if response.status_code == 303:
        response_303 = cast(Any, None)
        return response_303

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

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
) -> Response[Any | Problem]:
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
) -> Response[Any | Problem]:
    """Begin a sign-in for an app, by a form

     The same as with GET, for requests that are too long for an address.

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
        Response[Any | Problem]
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
) -> Any | Problem | None:
    """Begin a sign-in for an app, by a form

     The same as with GET, for requests that are too long for an address.

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
        Any | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: AuthorizationParameters,
) -> Response[Any | Problem]:
    """Begin a sign-in for an app, by a form

     The same as with GET, for requests that are too long for an address.

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
        Response[Any | Problem]
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
) -> Any | Problem | None:
    """Begin a sign-in for an app, by a form

     The same as with GET, for requests that are too long for an address.

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
        Any | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
