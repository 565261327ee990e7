from http import HTTPStatus
from typing import Any, cast

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    client_id: str,
    response_type: str | Unset = UNSET,
    redirect_uri: str | Unset = UNSET,
    scope: str | Unset = UNSET,
    state: str | Unset = UNSET,
    nonce: str | Unset = UNSET,
    code_challenge: str | Unset = UNSET,
    code_challenge_method: str | Unset = UNSET,
    prompt: str | Unset = UNSET,
    max_age: int | Unset = UNSET,
    acr_values: str | Unset = UNSET,
    login_hint: str | Unset = UNSET,
    ui_locales: str | Unset = UNSET,
    request_uri: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["client_id"] = client_id

    params["response_type"] = response_type

    params["redirect_uri"] = redirect_uri

    params["scope"] = scope

    params["state"] = state

    params["nonce"] = nonce

    params["code_challenge"] = code_challenge

    params["code_challenge_method"] = code_challenge_method

    params["prompt"] = prompt

    params["max_age"] = max_age

    params["acr_values"] = acr_values

    params["login_hint"] = login_hint

    params["ui_locales"] = ui_locales

    params["request_uri"] = request_uri

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/authorize",
        "params": params,
    }

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
    client_id: str,
    response_type: str | Unset = UNSET,
    redirect_uri: str | Unset = UNSET,
    scope: str | Unset = UNSET,
    state: str | Unset = UNSET,
    nonce: str | Unset = UNSET,
    code_challenge: str | Unset = UNSET,
    code_challenge_method: str | Unset = UNSET,
    prompt: str | Unset = UNSET,
    max_age: int | Unset = UNSET,
    acr_values: str | Unset = UNSET,
    login_hint: str | Unset = UNSET,
    ui_locales: str | Unset = UNSET,
    request_uri: str | Unset = UNSET,
) -> Response[Any | Problem]:
    """Begin a sign-in for an app

     Sends the browser to the login page, and the page later back to the app. What is wrong with the
    request goes back to the app. When the app or its address is unknown, the browser stays here.

    Args:
        client_id (str):
        response_type (str | Unset):
        redirect_uri (str | Unset):
        scope (str | Unset):
        state (str | Unset):
        nonce (str | Unset):
        code_challenge (str | Unset):
        code_challenge_method (str | Unset):
        prompt (str | Unset):
        max_age (int | Unset):
        acr_values (str | Unset):
        login_hint (str | Unset):
        ui_locales (str | Unset):
        request_uri (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        response_type=response_type,
        redirect_uri=redirect_uri,
        scope=scope,
        state=state,
        nonce=nonce,
        code_challenge=code_challenge,
        code_challenge_method=code_challenge_method,
        prompt=prompt,
        max_age=max_age,
        acr_values=acr_values,
        login_hint=login_hint,
        ui_locales=ui_locales,
        request_uri=request_uri,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    client_id: str,
    response_type: str | Unset = UNSET,
    redirect_uri: str | Unset = UNSET,
    scope: str | Unset = UNSET,
    state: str | Unset = UNSET,
    nonce: str | Unset = UNSET,
    code_challenge: str | Unset = UNSET,
    code_challenge_method: str | Unset = UNSET,
    prompt: str | Unset = UNSET,
    max_age: int | Unset = UNSET,
    acr_values: str | Unset = UNSET,
    login_hint: str | Unset = UNSET,
    ui_locales: str | Unset = UNSET,
    request_uri: str | Unset = UNSET,
) -> Any | Problem | None:
    """Begin a sign-in for an app

     Sends the browser to the login page, and the page later back to the app. What is wrong with the
    request goes back to the app. When the app or its address is unknown, the browser stays here.

    Args:
        client_id (str):
        response_type (str | Unset):
        redirect_uri (str | Unset):
        scope (str | Unset):
        state (str | Unset):
        nonce (str | Unset):
        code_challenge (str | Unset):
        code_challenge_method (str | Unset):
        prompt (str | Unset):
        max_age (int | Unset):
        acr_values (str | Unset):
        login_hint (str | Unset):
        ui_locales (str | Unset):
        request_uri (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem
    """

    return sync_detailed(
        client=client,
        client_id=client_id,
        response_type=response_type,
        redirect_uri=redirect_uri,
        scope=scope,
        state=state,
        nonce=nonce,
        code_challenge=code_challenge,
        code_challenge_method=code_challenge_method,
        prompt=prompt,
        max_age=max_age,
        acr_values=acr_values,
        login_hint=login_hint,
        ui_locales=ui_locales,
        request_uri=request_uri,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    client_id: str,
    response_type: str | Unset = UNSET,
    redirect_uri: str | Unset = UNSET,
    scope: str | Unset = UNSET,
    state: str | Unset = UNSET,
    nonce: str | Unset = UNSET,
    code_challenge: str | Unset = UNSET,
    code_challenge_method: str | Unset = UNSET,
    prompt: str | Unset = UNSET,
    max_age: int | Unset = UNSET,
    acr_values: str | Unset = UNSET,
    login_hint: str | Unset = UNSET,
    ui_locales: str | Unset = UNSET,
    request_uri: str | Unset = UNSET,
) -> Response[Any | Problem]:
    """Begin a sign-in for an app

     Sends the browser to the login page, and the page later back to the app. What is wrong with the
    request goes back to the app. When the app or its address is unknown, the browser stays here.

    Args:
        client_id (str):
        response_type (str | Unset):
        redirect_uri (str | Unset):
        scope (str | Unset):
        state (str | Unset):
        nonce (str | Unset):
        code_challenge (str | Unset):
        code_challenge_method (str | Unset):
        prompt (str | Unset):
        max_age (int | Unset):
        acr_values (str | Unset):
        login_hint (str | Unset):
        ui_locales (str | Unset):
        request_uri (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Any | Problem]
    """

    kwargs = _get_kwargs(
        client_id=client_id,
        response_type=response_type,
        redirect_uri=redirect_uri,
        scope=scope,
        state=state,
        nonce=nonce,
        code_challenge=code_challenge,
        code_challenge_method=code_challenge_method,
        prompt=prompt,
        max_age=max_age,
        acr_values=acr_values,
        login_hint=login_hint,
        ui_locales=ui_locales,
        request_uri=request_uri,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    client_id: str,
    response_type: str | Unset = UNSET,
    redirect_uri: str | Unset = UNSET,
    scope: str | Unset = UNSET,
    state: str | Unset = UNSET,
    nonce: str | Unset = UNSET,
    code_challenge: str | Unset = UNSET,
    code_challenge_method: str | Unset = UNSET,
    prompt: str | Unset = UNSET,
    max_age: int | Unset = UNSET,
    acr_values: str | Unset = UNSET,
    login_hint: str | Unset = UNSET,
    ui_locales: str | Unset = UNSET,
    request_uri: str | Unset = UNSET,
) -> Any | Problem | None:
    """Begin a sign-in for an app

     Sends the browser to the login page, and the page later back to the app. What is wrong with the
    request goes back to the app. When the app or its address is unknown, the browser stays here.

    Args:
        client_id (str):
        response_type (str | Unset):
        redirect_uri (str | Unset):
        scope (str | Unset):
        state (str | Unset):
        nonce (str | Unset):
        code_challenge (str | Unset):
        code_challenge_method (str | Unset):
        prompt (str | Unset):
        max_age (int | Unset):
        acr_values (str | Unset):
        login_hint (str | Unset):
        ui_locales (str | Unset):
        request_uri (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Any | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            client_id=client_id,
            response_type=response_type,
            redirect_uri=redirect_uri,
            scope=scope,
            state=state,
            nonce=nonce,
            code_challenge=code_challenge,
            code_challenge_method=code_challenge_method,
            prompt=prompt,
            max_age=max_age,
            acr_values=acr_values,
            login_hint=login_hint,
            ui_locales=ui_locales,
            request_uri=request_uri,
        )
    ).parsed
