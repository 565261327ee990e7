from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="RefreshRequest")


@_attrs_define
class RefreshRequest:
    """A refresh token to renew.

    Attributes:
        refresh_token (str): As it was issued. Example: fr_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgdG9rZW4uLi4.
        retry_key (None | str | Unset): A random secret of the client, chosen anew for each refresh token, and kept
            until the answer
            has arrived. When the answer was lost, the same token with the same key gets it again within
            30 seconds.
    """

    refresh_token: str
    retry_key: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        refresh_token = self.refresh_token

        retry_key: None | str | Unset
        if isinstance(self.retry_key, Unset):
            retry_key = UNSET
        else:
            retry_key = self.retry_key

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "refresh_token": refresh_token,
            }
        )
        if retry_key is not UNSET:
            field_dict["retry_key"] = retry_key

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        refresh_token = d.pop("refresh_token")

        def _parse_retry_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        retry_key = _parse_retry_key(d.pop("retry_key", UNSET))

        refresh_request = cls(
            refresh_token=refresh_token,
            retry_key=retry_key,
        )

        refresh_request.additional_properties = d
        return refresh_request

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
