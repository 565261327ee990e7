from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="InviteResponse")


@_attrs_define
class InviteResponse:
    """An invitation.

    Attributes:
        expires_at (datetime.datetime): The time at which it becomes invalid.
        invitation (str): The secret that `/register` takes, once. The next invitation for the name makes it invalid.
            Give it only to the person. Example: fi_....
        username (str): The name that it is for. Example: ada.
        link (None | str | Unset): The link to the page with the secret, where the service knows the address of the
            page. Example: https://faceauth.example.org/#invite=fi_....
    """

    expires_at: datetime.datetime
    invitation: str
    username: str
    link: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        expires_at = self.expires_at.isoformat()

        invitation = self.invitation

        username = self.username

        link: None | str | Unset
        if isinstance(self.link, Unset):
            link = UNSET
        else:
            link = self.link

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "expires_at": expires_at,
                "invitation": invitation,
                "username": username,
            }
        )
        if link is not UNSET:
            field_dict["link"] = link

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        invitation = d.pop("invitation")

        username = d.pop("username")

        def _parse_link(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        link = _parse_link(d.pop("link", UNSET))

        invite_response = cls(
            expires_at=expires_at,
            invitation=invitation,
            username=username,
            link=link,
        )

        invite_response.additional_properties = d
        return invite_response

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
