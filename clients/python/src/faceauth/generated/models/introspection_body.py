from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="IntrospectionBody")


@_attrs_define
class IntrospectionBody:
    """What a token is worth now. Of one that is not good, only that is said.

    Attributes:
        active (bool): Whether the token is good now. Example: True.
        acr (None | str | Unset): How; see the documentation of passkeys. Example: urn:faceauth:acr:face-liveness.
        aud (list[str] | None | Unset): For whom it is. An API looks for itself here. Example:
            ['https://id.example.org/userinfo', 'https://api.example.org'].
        auth_time (int | None | Unset): When the person was authenticated, in seconds since 1970. Example: 1795858200.
        client_id (None | str | Unset): The client it was issued to. Example: timesheets.
        exp (int | None | Unset): From when on it is worth nothing, in seconds since 1970. Example: 1795859100.
        iat (int | None | Unset): When it was issued, in seconds since 1970. Example: 1795858200.
        iss (None | str | Unset): Who issued it. Example: https://id.example.org.
        jti (None | Unset | UUID): The access token itself.
        scope (None | str | Unset): What the client was given. Example: openid profile.
        sid (None | Unset | UUID): The session.
        sub (None | str | Unset): The person, as the client of the token knows them. Example:
            0192a4f1-7c3e-7b6a-9d2f-3e5a8c1b4d70.
        token_type (None | str | Unset): `Bearer` for an access token. Example: Bearer.
    """

    active: bool
    acr: None | str | Unset = UNSET
    aud: list[str] | None | Unset = UNSET
    auth_time: int | None | Unset = UNSET
    client_id: None | str | Unset = UNSET
    exp: int | None | Unset = UNSET
    iat: int | None | Unset = UNSET
    iss: None | str | Unset = UNSET
    jti: None | Unset | UUID = UNSET
    scope: None | str | Unset = UNSET
    sid: None | Unset | UUID = UNSET
    sub: None | str | Unset = UNSET
    token_type: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        active = self.active

        acr: None | str | Unset
        if isinstance(self.acr, Unset):
            acr = UNSET
        else:
            acr = self.acr

        aud: list[str] | None | Unset
        if isinstance(self.aud, Unset):
            aud = UNSET
        elif isinstance(self.aud, list):
            aud = self.aud

        else:
            aud = self.aud

        auth_time: int | None | Unset
        if isinstance(self.auth_time, Unset):
            auth_time = UNSET
        else:
            auth_time = self.auth_time

        client_id: None | str | Unset
        if isinstance(self.client_id, Unset):
            client_id = UNSET
        else:
            client_id = self.client_id

        exp: int | None | Unset
        if isinstance(self.exp, Unset):
            exp = UNSET
        else:
            exp = self.exp

        iat: int | None | Unset
        if isinstance(self.iat, Unset):
            iat = UNSET
        else:
            iat = self.iat

        iss: None | str | Unset
        if isinstance(self.iss, Unset):
            iss = UNSET
        else:
            iss = self.iss

        jti: None | str | Unset
        if isinstance(self.jti, Unset):
            jti = UNSET
        elif isinstance(self.jti, UUID):
            jti = str(self.jti)
        else:
            jti = self.jti

        scope: None | str | Unset
        if isinstance(self.scope, Unset):
            scope = UNSET
        else:
            scope = self.scope

        sid: None | str | Unset
        if isinstance(self.sid, Unset):
            sid = UNSET
        elif isinstance(self.sid, UUID):
            sid = str(self.sid)
        else:
            sid = self.sid

        sub: None | str | Unset
        if isinstance(self.sub, Unset):
            sub = UNSET
        else:
            sub = self.sub

        token_type: None | str | Unset
        if isinstance(self.token_type, Unset):
            token_type = UNSET
        else:
            token_type = self.token_type

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "active": active,
            }
        )
        if acr is not UNSET:
            field_dict["acr"] = acr
        if aud is not UNSET:
            field_dict["aud"] = aud
        if auth_time is not UNSET:
            field_dict["auth_time"] = auth_time
        if client_id is not UNSET:
            field_dict["client_id"] = client_id
        if exp is not UNSET:
            field_dict["exp"] = exp
        if iat is not UNSET:
            field_dict["iat"] = iat
        if iss is not UNSET:
            field_dict["iss"] = iss
        if jti is not UNSET:
            field_dict["jti"] = jti
        if scope is not UNSET:
            field_dict["scope"] = scope
        if sid is not UNSET:
            field_dict["sid"] = sid
        if sub is not UNSET:
            field_dict["sub"] = sub
        if token_type is not UNSET:
            field_dict["token_type"] = token_type

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        active = d.pop("active")

        def _parse_acr(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        acr = _parse_acr(d.pop("acr", UNSET))

        def _parse_aud(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                aud_type_0 = cast(list[str], data)

                return aud_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        aud = _parse_aud(d.pop("aud", UNSET))

        def _parse_auth_time(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        auth_time = _parse_auth_time(d.pop("auth_time", UNSET))

        def _parse_client_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        client_id = _parse_client_id(d.pop("client_id", UNSET))

        def _parse_exp(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        exp = _parse_exp(d.pop("exp", UNSET))

        def _parse_iat(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        iat = _parse_iat(d.pop("iat", UNSET))

        def _parse_iss(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        iss = _parse_iss(d.pop("iss", UNSET))

        def _parse_jti(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                jti_type_0 = UUID(data)

                return jti_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        jti = _parse_jti(d.pop("jti", UNSET))

        def _parse_scope(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        scope = _parse_scope(d.pop("scope", UNSET))

        def _parse_sid(data: object) -> None | Unset | UUID:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                sid_type_0 = UUID(data)

                return sid_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | Unset | UUID, data)

        sid = _parse_sid(d.pop("sid", UNSET))

        def _parse_sub(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        sub = _parse_sub(d.pop("sub", UNSET))

        def _parse_token_type(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        token_type = _parse_token_type(d.pop("token_type", UNSET))

        introspection_body = cls(
            active=active,
            acr=acr,
            aud=aud,
            auth_time=auth_time,
            client_id=client_id,
            exp=exp,
            iat=iat,
            iss=iss,
            jti=jti,
            scope=scope,
            sid=sid,
            sub=sub,
            token_type=token_type,
        )

        introspection_body.additional_properties = d
        return introspection_body

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
