from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.second_factor_body import SecondFactorBody
from ...models.verify_form import VerifyForm
from ...models.verify_request import VerifyRequest
from ...models.verify_response import VerifyResponse
from ...types import Response


def _get_kwargs(
    *,
    body: VerifyRequest | VerifyForm,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/verify",
    }

    if isinstance(body, VerifyRequest):
        _kwargs["json"] = body.to_dict()

        headers["Content-Type"] = "application/json"
    if isinstance(body, VerifyForm):
        _kwargs["files"] = body.to_multipart()

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | SecondFactorBody | VerifyResponse | None:
    if response.status_code == 200:
        response_200 = VerifyResponse.from_dict(response.json())

        return response_200

    if response.status_code == 202:
        response_202 = SecondFactorBody.from_dict(response.json())

        return response_202

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

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 410:
        response_410 = Problem.from_dict(response.json())

        return response_410

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
) -> Response[Problem | SecondFactorBody | VerifyResponse]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: VerifyRequest | VerifyForm,
) -> Response[Problem | SecondFactorBody | VerifyResponse]:
    """Sign in

     Answers tokens when the person at the camera is the owner of the claimed name. An unknown
    name, an account without faces and another person's face are the same answer:
    `authentication_failed`. After five of them in a row a name has to wait,
    `too_many_failures`, longer each time, and after fifty only a device with a
    `device_token` or an operator helps. Codes with status 422 speak of the capture alone; a
    picture may be a little poorer than one that is enrolled. When a liveness capture is refused,
    `liveness` in the problem says why and brings the next attempt.

    Where a passkey is asked for, the answer is 202 with a transaction and never a token: continue at
    `/verify/passkey`.

    `acr` of the token says what was shown: `urn:faceauth:acr:face` for a single picture,
    `urn:faceauth:acr:face-liveness` for a capture in which the head turned,
    `urn:faceauth:acr:face-liveness-reduced` for one without a turn.

    Args:
        body (VerifyRequest): A claimed name and what proves it: a picture, a liveness capture, or
            the token of one with
            or without a picture.
        body (VerifyForm): `VerifyRequest` as a form. Pictures are files, and the field `b` of an
            object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SecondFactorBody | VerifyResponse]
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
    body: VerifyRequest | VerifyForm,
) -> Problem | SecondFactorBody | VerifyResponse | None:
    """Sign in

     Answers tokens when the person at the camera is the owner of the claimed name. An unknown
    name, an account without faces and another person's face are the same answer:
    `authentication_failed`. After five of them in a row a name has to wait,
    `too_many_failures`, longer each time, and after fifty only a device with a
    `device_token` or an operator helps. Codes with status 422 speak of the capture alone; a
    picture may be a little poorer than one that is enrolled. When a liveness capture is refused,
    `liveness` in the problem says why and brings the next attempt.

    Where a passkey is asked for, the answer is 202 with a transaction and never a token: continue at
    `/verify/passkey`.

    `acr` of the token says what was shown: `urn:faceauth:acr:face` for a single picture,
    `urn:faceauth:acr:face-liveness` for a capture in which the head turned,
    `urn:faceauth:acr:face-liveness-reduced` for one without a turn.

    Args:
        body (VerifyRequest): A claimed name and what proves it: a picture, a liveness capture, or
            the token of one with
            or without a picture.
        body (VerifyForm): `VerifyRequest` as a form. Pictures are files, and the field `b` of an
            object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SecondFactorBody | VerifyResponse
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: VerifyRequest | VerifyForm,
) -> Response[Problem | SecondFactorBody | VerifyResponse]:
    """Sign in

     Answers tokens when the person at the camera is the owner of the claimed name. An unknown
    name, an account without faces and another person's face are the same answer:
    `authentication_failed`. After five of them in a row a name has to wait,
    `too_many_failures`, longer each time, and after fifty only a device with a
    `device_token` or an operator helps. Codes with status 422 speak of the capture alone; a
    picture may be a little poorer than one that is enrolled. When a liveness capture is refused,
    `liveness` in the problem says why and brings the next attempt.

    Where a passkey is asked for, the answer is 202 with a transaction and never a token: continue at
    `/verify/passkey`.

    `acr` of the token says what was shown: `urn:faceauth:acr:face` for a single picture,
    `urn:faceauth:acr:face-liveness` for a capture in which the head turned,
    `urn:faceauth:acr:face-liveness-reduced` for one without a turn.

    Args:
        body (VerifyRequest): A claimed name and what proves it: a picture, a liveness capture, or
            the token of one with
            or without a picture.
        body (VerifyForm): `VerifyRequest` as a form. Pictures are files, and the field `b` of an
            object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SecondFactorBody | VerifyResponse]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: VerifyRequest | VerifyForm,
) -> Problem | SecondFactorBody | VerifyResponse | None:
    """Sign in

     Answers tokens when the person at the camera is the owner of the claimed name. An unknown
    name, an account without faces and another person's face are the same answer:
    `authentication_failed`. After five of them in a row a name has to wait,
    `too_many_failures`, longer each time, and after fifty only a device with a
    `device_token` or an operator helps. Codes with status 422 speak of the capture alone; a
    picture may be a little poorer than one that is enrolled. When a liveness capture is refused,
    `liveness` in the problem says why and brings the next attempt.

    Where a passkey is asked for, the answer is 202 with a transaction and never a token: continue at
    `/verify/passkey`.

    `acr` of the token says what was shown: `urn:faceauth:acr:face` for a single picture,
    `urn:faceauth:acr:face-liveness` for a capture in which the head turned,
    `urn:faceauth:acr:face-liveness-reduced` for one without a turn.

    Args:
        body (VerifyRequest): A claimed name and what proves it: a picture, a liveness capture, or
            the token of one with
            or without a picture.
        body (VerifyForm): `VerifyRequest` as a form. Pictures are files, and the field `b` of an
            object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SecondFactorBody | VerifyResponse
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
