from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.liveness_form import LivenessForm
from ...models.liveness_input import LivenessInput
from ...models.liveness_response import LivenessResponse
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: LivenessInput | LivenessForm,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/liveness",
    }

    if isinstance(body, LivenessInput):
        _kwargs["json"] = body.to_dict()

        headers["Content-Type"] = "application/json"
    if isinstance(body, LivenessForm):
        _kwargs["files"] = body.to_multipart()

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> LivenessResponse | Problem | None:
    if response.status_code == 200:
        response_200 = LivenessResponse.from_dict(response.json())

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
) -> Response[LivenessResponse | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: LivenessInput | LivenessForm,
) -> Response[LivenessResponse | Problem]:
    """Judge a liveness capture

     Answers whether a living person did the steps of the session, and if not, why. When several
    captures use one nonce, one is judged, and the others get `session_consumed`. `/verify` and
    `/register` also take the capture itself, and judge liveness and match on the same frames.

    Where the operator requires attestations, a capture without a good one is refused before it is
    judged: `attestation_required`. An API key says which service calls; it needs no scope.

    Args:
        body (LivenessInput): A capture that answers the steps of a session.
        body (LivenessForm): `LivenessInput` as a form. Pictures are files, and the field `b` of
            an object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LivenessResponse | Problem]
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
    body: LivenessInput | LivenessForm,
) -> LivenessResponse | Problem | None:
    """Judge a liveness capture

     Answers whether a living person did the steps of the session, and if not, why. When several
    captures use one nonce, one is judged, and the others get `session_consumed`. `/verify` and
    `/register` also take the capture itself, and judge liveness and match on the same frames.

    Where the operator requires attestations, a capture without a good one is refused before it is
    judged: `attestation_required`. An API key says which service calls; it needs no scope.

    Args:
        body (LivenessInput): A capture that answers the steps of a session.
        body (LivenessForm): `LivenessInput` as a form. Pictures are files, and the field `b` of
            an object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LivenessResponse | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: LivenessInput | LivenessForm,
) -> Response[LivenessResponse | Problem]:
    """Judge a liveness capture

     Answers whether a living person did the steps of the session, and if not, why. When several
    captures use one nonce, one is judged, and the others get `session_consumed`. `/verify` and
    `/register` also take the capture itself, and judge liveness and match on the same frames.

    Where the operator requires attestations, a capture without a good one is refused before it is
    judged: `attestation_required`. An API key says which service calls; it needs no scope.

    Args:
        body (LivenessInput): A capture that answers the steps of a session.
        body (LivenessForm): `LivenessInput` as a form. Pictures are files, and the field `b` of
            an object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LivenessResponse | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: LivenessInput | LivenessForm,
) -> LivenessResponse | Problem | None:
    """Judge a liveness capture

     Answers whether a living person did the steps of the session, and if not, why. When several
    captures use one nonce, one is judged, and the others get `session_consumed`. `/verify` and
    `/register` also take the capture itself, and judge liveness and match on the same frames.

    Where the operator requires attestations, a capture without a good one is refused before it is
    judged: `attestation_required`. An API key says which service calls; it needs no scope.

    Args:
        body (LivenessInput): A capture that answers the steps of a session.
        body (LivenessForm): `LivenessInput` as a form. Pictures are files, and the field `b` of
            an object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LivenessResponse | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
