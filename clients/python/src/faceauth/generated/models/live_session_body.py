from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="LiveSessionBody")


@_attrs_define
class LiveSessionBody:
    """A session that can be renewed.

    Attributes:
        acr (str): What was shown. Example: urn:faceauth:acr:face-liveness.
        auth_time (datetime.datetime): When the face was shown.
        current (bool): Whether it is the caller's own.
        expires_at (datetime.datetime): When it ends unless it is renewed.
        id (UUID): The session, `sid` of tokens.
        renewed_at (datetime.datetime): When it was last renewed.
        client_id (None | str | Unset): The app that it was begun for. Absent: this service's own page, or a program.
            Example: timesheets.
    """

    acr: str
    auth_time: datetime.datetime
    current: bool
    expires_at: datetime.datetime
    id: UUID
    renewed_at: datetime.datetime
    client_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        acr = self.acr

        auth_time = self.auth_time.isoformat()

        current = self.current

        expires_at = self.expires_at.isoformat()

        id = str(self.id)

        renewed_at = self.renewed_at.isoformat()

        client_id: None | str | Unset
        if isinstance(self.client_id, Unset):
            client_id = UNSET
        else:
            client_id = self.client_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "acr": acr,
                "auth_time": auth_time,
                "current": current,
                "expires_at": expires_at,
                "id": id,
                "renewed_at": renewed_at,
            }
        )
        if client_id is not UNSET:
            field_dict["client_id"] = client_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        acr = d.pop("acr")

        auth_time = datetime.datetime.fromisoformat(d.pop("auth_time"))

        current = d.pop("current")

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        id = UUID(d.pop("id"))

        renewed_at = datetime.datetime.fromisoformat(d.pop("renewed_at"))

        def _parse_client_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        client_id = _parse_client_id(d.pop("client_id", UNSET))

        live_session_body = cls(
            acr=acr,
            auth_time=auth_time,
            current=current,
            expires_at=expires_at,
            id=id,
            renewed_at=renewed_at,
            client_id=client_id,
        )

        live_session_body.additional_properties = d
        return live_session_body

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
