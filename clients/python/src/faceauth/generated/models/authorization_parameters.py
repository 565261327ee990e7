from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="AuthorizationParameters")


@_attrs_define
class AuthorizationParameters:
    """An authorization request (OpenID Connect Core, 3.1.2.1).

    Example:
        {'client_id': 'timesheets', 'code_challenge': 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
            'code_challenge_method': 'S256', 'nonce': 'n-0S6_WzA2Mj', 'redirect_uri':
            'https://timesheets.example.org/callback', 'response_type': 'code', 'scope': 'openid profile', 'state':
            'af0ifjsldkj'}

    Attributes:
        client_id (str): The client.
        acr_values (None | str | Unset): How strong the sign-in has to be: one of these classes, or more.
        code_challenge (None | str | Unset): SHA-256 of the code verifier, in base64url.
        code_challenge_method (None | str | Unset): `S256`.
        login_hint (None | str | Unset): Who will sign in.
        max_age (int | None | Unset): How many seconds ago the sign-in may be.
        nonce (None | str | Unset): Stands in the ID token as it was sent.
        prompt (None | str | Unset): `none`, `login`, `consent`, `select_account`, `create`.
        redirect_uri (None | str | Unset): Where the answer goes: an address that the client has registered, character
            by character.
        request_uri (None | str | Unset): The address of a pushed request; then only `client_id` stands beside it.
        response_type (None | str | Unset): `code`. Not needed with `request_uri`.
        scope (None | str | Unset): `openid`, and `profile` and `offline_access` where wanted.
        state (None | str | Unset): Comes back as it was sent.
        ui_locales (None | str | Unset): Languages of the page.
    """

    client_id: str
    acr_values: None | str | Unset = UNSET
    code_challenge: None | str | Unset = UNSET
    code_challenge_method: None | str | Unset = UNSET
    login_hint: None | str | Unset = UNSET
    max_age: int | None | Unset = UNSET
    nonce: None | str | Unset = UNSET
    prompt: None | str | Unset = UNSET
    redirect_uri: None | str | Unset = UNSET
    request_uri: None | str | Unset = UNSET
    response_type: None | str | Unset = UNSET
    scope: None | str | Unset = UNSET
    state: None | str | Unset = UNSET
    ui_locales: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        client_id = self.client_id

        acr_values: None | str | Unset
        if isinstance(self.acr_values, Unset):
            acr_values = UNSET
        else:
            acr_values = self.acr_values

        code_challenge: None | str | Unset
        if isinstance(self.code_challenge, Unset):
            code_challenge = UNSET
        else:
            code_challenge = self.code_challenge

        code_challenge_method: None | str | Unset
        if isinstance(self.code_challenge_method, Unset):
            code_challenge_method = UNSET
        else:
            code_challenge_method = self.code_challenge_method

        login_hint: None | str | Unset
        if isinstance(self.login_hint, Unset):
            login_hint = UNSET
        else:
            login_hint = self.login_hint

        max_age: int | None | Unset
        if isinstance(self.max_age, Unset):
            max_age = UNSET
        else:
            max_age = self.max_age

        nonce: None | str | Unset
        if isinstance(self.nonce, Unset):
            nonce = UNSET
        else:
            nonce = self.nonce

        prompt: None | str | Unset
        if isinstance(self.prompt, Unset):
            prompt = UNSET
        else:
            prompt = self.prompt

        redirect_uri: None | str | Unset
        if isinstance(self.redirect_uri, Unset):
            redirect_uri = UNSET
        else:
            redirect_uri = self.redirect_uri

        request_uri: None | str | Unset
        if isinstance(self.request_uri, Unset):
            request_uri = UNSET
        else:
            request_uri = self.request_uri

        response_type: None | str | Unset
        if isinstance(self.response_type, Unset):
            response_type = UNSET
        else:
            response_type = self.response_type

        scope: None | str | Unset
        if isinstance(self.scope, Unset):
            scope = UNSET
        else:
            scope = self.scope

        state: None | str | Unset
        if isinstance(self.state, Unset):
            state = UNSET
        else:
            state = self.state

        ui_locales: None | str | Unset
        if isinstance(self.ui_locales, Unset):
            ui_locales = UNSET
        else:
            ui_locales = self.ui_locales

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "client_id": client_id,
            }
        )
        if acr_values is not UNSET:
            field_dict["acr_values"] = acr_values
        if code_challenge is not UNSET:
            field_dict["code_challenge"] = code_challenge
        if code_challenge_method is not UNSET:
            field_dict["code_challenge_method"] = code_challenge_method
        if login_hint is not UNSET:
            field_dict["login_hint"] = login_hint
        if max_age is not UNSET:
            field_dict["max_age"] = max_age
        if nonce is not UNSET:
            field_dict["nonce"] = nonce
        if prompt is not UNSET:
            field_dict["prompt"] = prompt
        if redirect_uri is not UNSET:
            field_dict["redirect_uri"] = redirect_uri
        if request_uri is not UNSET:
            field_dict["request_uri"] = request_uri
        if response_type is not UNSET:
            field_dict["response_type"] = response_type
        if scope is not UNSET:
            field_dict["scope"] = scope
        if state is not UNSET:
            field_dict["state"] = state
        if ui_locales is not UNSET:
            field_dict["ui_locales"] = ui_locales

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        client_id = d.pop("client_id")

        def _parse_acr_values(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        acr_values = _parse_acr_values(d.pop("acr_values", UNSET))

        def _parse_code_challenge(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code_challenge = _parse_code_challenge(d.pop("code_challenge", UNSET))

        def _parse_code_challenge_method(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        code_challenge_method = _parse_code_challenge_method(d.pop("code_challenge_method", UNSET))

        def _parse_login_hint(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        login_hint = _parse_login_hint(d.pop("login_hint", UNSET))

        def _parse_max_age(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        max_age = _parse_max_age(d.pop("max_age", UNSET))

        def _parse_nonce(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        nonce = _parse_nonce(d.pop("nonce", UNSET))

        def _parse_prompt(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        prompt = _parse_prompt(d.pop("prompt", UNSET))

        def _parse_redirect_uri(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        redirect_uri = _parse_redirect_uri(d.pop("redirect_uri", UNSET))

        def _parse_request_uri(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        request_uri = _parse_request_uri(d.pop("request_uri", UNSET))

        def _parse_response_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        response_type = _parse_response_type(d.pop("response_type", UNSET))

        def _parse_scope(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        scope = _parse_scope(d.pop("scope", UNSET))

        def _parse_state(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        state = _parse_state(d.pop("state", UNSET))

        def _parse_ui_locales(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        ui_locales = _parse_ui_locales(d.pop("ui_locales", UNSET))

        authorization_parameters = cls(
            client_id=client_id,
            acr_values=acr_values,
            code_challenge=code_challenge,
            code_challenge_method=code_challenge_method,
            login_hint=login_hint,
            max_age=max_age,
            nonce=nonce,
            prompt=prompt,
            redirect_uri=redirect_uri,
            request_uri=request_uri,
            response_type=response_type,
            scope=scope,
            state=state,
            ui_locales=ui_locales,
        )

        authorization_parameters.additional_properties = d
        return authorization_parameters

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
