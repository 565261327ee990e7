from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="LoginSessionBody")


@_attrs_define
class LoginSessionBody:
    """A browser that is signed in for apps, without its cookie.

    Attributes:
        acr (str): What was shown. Example: urn:faceauth:acr:face-liveness.
        auth_time (datetime.datetime): When the face was shown.
        expires_at (datetime.datetime): When it ends.
        id (UUID): What ends it at `/me/sessions`.
        used_at (datetime.datetime): When it was last used.
    """

    acr: str
    auth_time: datetime.datetime
    expires_at: datetime.datetime
    id: UUID
    used_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        acr = self.acr

        auth_time = self.auth_time.isoformat()

        expires_at = self.expires_at.isoformat()

        id = str(self.id)

        used_at = self.used_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "acr": acr,
                "auth_time": auth_time,
                "expires_at": expires_at,
                "id": id,
                "used_at": used_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        acr = d.pop("acr")

        auth_time = datetime.datetime.fromisoformat(d.pop("auth_time"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        id = UUID(d.pop("id"))

        used_at = datetime.datetime.fromisoformat(d.pop("used_at"))

        login_session_body = cls(
            acr=acr,
            auth_time=auth_time,
            expires_at=expires_at,
            id=id,
            used_at=used_at,
        )

        login_session_body.additional_properties = d
        return login_session_body

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
