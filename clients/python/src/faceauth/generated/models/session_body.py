from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="SessionBody")


@_attrs_define
class SessionBody:
    """A refresh token of a session, without the token.

    Attributes:
        acr (str): What was shown. Example: urn:faceauth:acr:face-liveness.
        auth_time (datetime.datetime): When the face was shown.
        expires_at (datetime.datetime): Until when it is good.
        id (UUID): The session, `sid` of tokens.
        issued_at (datetime.datetime): When the token was issued.
        client_id (None | str | Unset): The app that it was begun for. Absent: this service's own page, or a program.
            Example: timesheets.
        device_attestation (None | str | Unset): What the device proved on which it was shown. Example: android-tee.
        revoked_at (datetime.datetime | None | Unset): When the session was ended.
        scope (None | str | Unset): What the app was given. Example: openid profile.
        used_at (datetime.datetime | None | Unset): When it was used.
    """

    acr: str
    auth_time: datetime.datetime
    expires_at: datetime.datetime
    id: UUID
    issued_at: datetime.datetime
    client_id: None | str | Unset = UNSET
    device_attestation: None | str | Unset = UNSET
    revoked_at: datetime.datetime | None | Unset = UNSET
    scope: None | str | Unset = UNSET
    used_at: datetime.datetime | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        acr = self.acr

        auth_time = self.auth_time.isoformat()

        expires_at = self.expires_at.isoformat()

        id = str(self.id)

        issued_at = self.issued_at.isoformat()

        client_id: None | str | Unset
        if isinstance(self.client_id, Unset):
            client_id = UNSET
        else:
            client_id = self.client_id

        device_attestation: None | str | Unset
        if isinstance(self.device_attestation, Unset):
            device_attestation = UNSET
        else:
            device_attestation = self.device_attestation

        revoked_at: None | str | Unset
        if isinstance(self.revoked_at, Unset):
            revoked_at = UNSET
        elif isinstance(self.revoked_at, datetime.datetime):
            revoked_at = self.revoked_at.isoformat()
        else:
            revoked_at = self.revoked_at

        scope: None | str | Unset
        if isinstance(self.scope, Unset):
            scope = UNSET
        else:
            scope = self.scope

        used_at: None | str | Unset
        if isinstance(self.used_at, Unset):
            used_at = UNSET
        elif isinstance(self.used_at, datetime.datetime):
            used_at = self.used_at.isoformat()
        else:
            used_at = self.used_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "acr": acr,
                "auth_time": auth_time,
                "expires_at": expires_at,
                "id": id,
                "issued_at": issued_at,
            }
        )
        if client_id is not UNSET:
            field_dict["client_id"] = client_id
        if device_attestation is not UNSET:
            field_dict["device_attestation"] = device_attestation
        if revoked_at is not UNSET:
            field_dict["revoked_at"] = revoked_at
        if scope is not UNSET:
            field_dict["scope"] = scope
        if used_at is not UNSET:
            field_dict["used_at"] = used_at

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        acr = d.pop("acr")

        auth_time = datetime.datetime.fromisoformat(d.pop("auth_time"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        id = UUID(d.pop("id"))

        issued_at = datetime.datetime.fromisoformat(d.pop("issued_at"))

        def _parse_client_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        client_id = _parse_client_id(d.pop("client_id", UNSET))

        def _parse_device_attestation(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        device_attestation = _parse_device_attestation(d.pop("device_attestation", UNSET))

        def _parse_revoked_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                revoked_at_type_0 = datetime.datetime.fromisoformat(data)

                return revoked_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        revoked_at = _parse_revoked_at(d.pop("revoked_at", UNSET))

        def _parse_scope(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        scope = _parse_scope(d.pop("scope", UNSET))

        def _parse_used_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                used_at_type_0 = datetime.datetime.fromisoformat(data)

                return used_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        used_at = _parse_used_at(d.pop("used_at", UNSET))

        session_body = cls(
            acr=acr,
            auth_time=auth_time,
            expires_at=expires_at,
            id=id,
            issued_at=issued_at,
            client_id=client_id,
            device_attestation=device_attestation,
            revoked_at=revoked_at,
            scope=scope,
            used_at=used_at,
        )

        session_body.additional_properties = d
        return session_body

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
