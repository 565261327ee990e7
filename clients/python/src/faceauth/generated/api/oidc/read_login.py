from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.login_request_body import LoginRequestBody
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    authorization_request: str,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    headers["Authorization-Request"] = authorization_request

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/login/request",
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> LoginRequestBody | Problem | None:
    if response.status_code == 200:
        response_200 = LoginRequestBody.from_dict(response.json())

        return response_200

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

    if response.status_code == 410:
        response_410 = Problem.from_dict(response.json())

        return response_410

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
) -> Response[LoginRequestBody | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    authorization_request: str,
) -> Response[LoginRequestBody | Problem]:
    """What an app asks for

     For the login page. The header `Authorization-Request` carries what the address of the page
    says, and a cookie shows that it is the browser that the app sent here.

    Args:
        authorization_request (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LoginRequestBody | Problem]
    """

    kwargs = _get_kwargs(
        authorization_request=authorization_request,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    authorization_request: str,
) -> LoginRequestBody | Problem | None:
    """What an app asks for

     For the login page. The header `Authorization-Request` carries what the address of the page
    says, and a cookie shows that it is the browser that the app sent here.

    Args:
        authorization_request (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LoginRequestBody | Problem
    """

    return sync_detailed(
        client=client,
        authorization_request=authorization_request,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    authorization_request: str,
) -> Response[LoginRequestBody | Problem]:
    """What an app asks for

     For the login page. The header `Authorization-Request` carries what the address of the page
    says, and a cookie shows that it is the browser that the app sent here.

    Args:
        authorization_request (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LoginRequestBody | Problem]
    """

    kwargs = _get_kwargs(
        authorization_request=authorization_request,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    authorization_request: str,
) -> LoginRequestBody | Problem | None:
    """What an app asks for

     For the login page. The header `Authorization-Request` carries what the address of the page
    says, and a cookie shows that it is the browser that the app sent here.

    Args:
        authorization_request (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LoginRequestBody | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            authorization_request=authorization_request,
        )
    ).parsed
