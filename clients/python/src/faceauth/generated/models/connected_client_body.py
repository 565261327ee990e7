from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="ConnectedClientBody")


@_attrs_define
class ConnectedClientBody:
    """A client that the account holder has signed in to.

    Attributes:
        asked (bool): Whether the account holder was asked. Nobody is asked for apps of the deployment itself. Example:
            True.
        client_id (str): The client. Example: shop.
        first_used_at (datetime.datetime): When the account holder first signed in to it.
        last_used_at (datetime.datetime): When the account holder last signed in to it.
        scopes (list[str]): What it was given, in the words of OAuth. Example: ['openid', 'profile'].
        name (None | str | Unset): Its name. Missing when it is registered no more, and in an export. Example: The Shop.
    """

    asked: bool
    client_id: str
    first_used_at: datetime.datetime
    last_used_at: datetime.datetime
    scopes: list[str]
    name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        asked = self.asked

        client_id = self.client_id

        first_used_at = self.first_used_at.isoformat()

        last_used_at = self.last_used_at.isoformat()

        scopes = self.scopes

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "asked": asked,
                "client_id": client_id,
                "first_used_at": first_used_at,
                "last_used_at": last_used_at,
                "scopes": scopes,
            }
        )
        if name is not UNSET:
            field_dict["name"] = name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        asked = d.pop("asked")

        client_id = d.pop("client_id")

        first_used_at = datetime.datetime.fromisoformat(d.pop("first_used_at"))

        last_used_at = datetime.datetime.fromisoformat(d.pop("last_used_at"))

        scopes = cast(list[str], d.pop("scopes"))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        connected_client_body = cls(
            asked=asked,
            client_id=client_id,
            first_used_at=first_used_at,
            last_used_at=last_used_at,
            scopes=scopes,
            name=name,
        )

        connected_client_body.additional_properties = d
        return connected_client_body

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
