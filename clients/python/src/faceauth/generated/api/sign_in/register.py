from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.register_form import RegisterForm
from ...models.register_request import RegisterRequest
from ...models.register_response import RegisterResponse
from ...models.second_factor_body import SecondFactorBody
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: RegisterRequest | RegisterForm,
    idempotency_key: None | str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/register",
    }

    if isinstance(body, RegisterRequest):
        _kwargs["json"] = body.to_dict()

        headers["Content-Type"] = "application/json"
    if isinstance(body, RegisterForm):
        _kwargs["files"] = body.to_multipart()

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | RegisterResponse | SecondFactorBody | None:
    if response.status_code == 201:
        response_201 = RegisterResponse.from_dict(response.json())

        return response_201

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
) -> Response[Problem | RegisterResponse | SecondFactorBody]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: RegisterRequest | RegisterForm,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[Problem | RegisterResponse | SecondFactorBody]:
    """Enrol

     Creates the account, enrols one to five pictures of the person and signs them in. All or
    nothing: one picture that is not usable enrols none.

    Where everybody needs a passkey, the answer is 202 with a transaction: continue at
    `/register/passkey`.

    A service whose key has the scope `enrol` may register people where others may not, and
    vouches for the pictures: they need show no liveness. Somebody with an `invitation` may register
    under its name, once.

    Args:
        idempotency_key (None | str | Unset):
        body (RegisterRequest): A person who wants an account: `face_image`, `face_images`, or a
            liveness capture or token.
            Pictures beside a capture or token must show the same person and are not enrolled: the
            template is made of the frames that were found live.
        body (RegisterForm): `RegisterRequest` as a form. Pictures are files, and the field `b` of
            an object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RegisterResponse | SecondFactorBody]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: RegisterRequest | RegisterForm,
    idempotency_key: None | str | Unset = UNSET,
) -> Problem | RegisterResponse | SecondFactorBody | None:
    """Enrol

     Creates the account, enrols one to five pictures of the person and signs them in. All or
    nothing: one picture that is not usable enrols none.

    Where everybody needs a passkey, the answer is 202 with a transaction: continue at
    `/register/passkey`.

    A service whose key has the scope `enrol` may register people where others may not, and
    vouches for the pictures: they need show no liveness. Somebody with an `invitation` may register
    under its name, once.

    Args:
        idempotency_key (None | str | Unset):
        body (RegisterRequest): A person who wants an account: `face_image`, `face_images`, or a
            liveness capture or token.
            Pictures beside a capture or token must show the same person and are not enrolled: the
            template is made of the frames that were found live.
        body (RegisterForm): `RegisterRequest` as a form. Pictures are files, and the field `b` of
            an object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RegisterResponse | SecondFactorBody
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: RegisterRequest | RegisterForm,
    idempotency_key: None | str | Unset = UNSET,
) -> Response[Problem | RegisterResponse | SecondFactorBody]:
    """Enrol

     Creates the account, enrols one to five pictures of the person and signs them in. All or
    nothing: one picture that is not usable enrols none.

    Where everybody needs a passkey, the answer is 202 with a transaction: continue at
    `/register/passkey`.

    A service whose key has the scope `enrol` may register people where others may not, and
    vouches for the pictures: they need show no liveness. Somebody with an `invitation` may register
    under its name, once.

    Args:
        idempotency_key (None | str | Unset):
        body (RegisterRequest): A person who wants an account: `face_image`, `face_images`, or a
            liveness capture or token.
            Pictures beside a capture or token must show the same person and are not enrolled: the
            template is made of the frames that were found live.
        body (RegisterForm): `RegisterRequest` as a form. Pictures are files, and the field `b` of
            an object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | RegisterResponse | SecondFactorBody]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: RegisterRequest | RegisterForm,
    idempotency_key: None | str | Unset = UNSET,
) -> Problem | RegisterResponse | SecondFactorBody | None:
    """Enrol

     Creates the account, enrols one to five pictures of the person and signs them in. All or
    nothing: one picture that is not usable enrols none.

    Where everybody needs a passkey, the answer is 202 with a transaction: continue at
    `/register/passkey`.

    A service whose key has the scope `enrol` may register people where others may not, and
    vouches for the pictures: they need show no liveness. Somebody with an `invitation` may register
    under its name, once.

    Args:
        idempotency_key (None | str | Unset):
        body (RegisterRequest): A person who wants an account: `face_image`, `face_images`, or a
            liveness capture or token.
            Pictures beside a capture or token must show the same person and are not enrolled: the
            template is made of the frames that were found live.
        body (RegisterForm): `RegisterRequest` as a form. Pictures are files, and the field `b` of
            an object `a` is `a.b`.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | RegisterResponse | SecondFactorBody
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
