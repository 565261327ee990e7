from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.logout_parameters import LogoutParameters
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: LogoutParameters,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/end-session",
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
    body: LogoutParameters,
) -> Response[Any | Problem]:
    """Log a browser out, by a form

     The same as with GET.

    Args:
        body (LogoutParameters): A logout (OpenID Connect RP-Initiated Logout 1.0, 2). Example:
            {'id_token_hint': 'eyJ0eXAiOiJKV1Qi...', 'post_logout_redirect_uri':
            'https://timesheets.example.org/', 'state': 'af0ifjsldkj'}.

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
    body: LogoutParameters,
) -> Any | Problem | None:
    """Log a browser out, by a form

     The same as with GET.

    Args:
        body (LogoutParameters): A logout (OpenID Connect RP-Initiated Logout 1.0, 2). Example:
            {'id_token_hint': 'eyJ0eXAiOiJKV1Qi...', 'post_logout_redirect_uri':
            'https://timesheets.example.org/', 'state': 'af0ifjsldkj'}.

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
    body: LogoutParameters,
) -> Response[Any | Problem]:
    """Log a browser out, by a form

     The same as with GET.

    Args:
        body (LogoutParameters): A logout (OpenID Connect RP-Initiated Logout 1.0, 2). Example:
            {'id_token_hint': 'eyJ0eXAiOiJKV1Qi...', 'post_logout_redirect_uri':
            'https://timesheets.example.org/', 'state': 'af0ifjsldkj'}.

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
    body: LogoutParameters,
) -> Any | Problem | None:
    """Log a browser out, by a form

     The same as with GET.

    Args:
        body (LogoutParameters): A logout (OpenID Connect RP-Initiated Logout 1.0, 2). Example:
            {'id_token_hint': 'eyJ0eXAiOiJKV1Qi...', 'post_logout_redirect_uri':
            'https://timesheets.example.org/', 'state': 'af0ifjsldkj'}.

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
