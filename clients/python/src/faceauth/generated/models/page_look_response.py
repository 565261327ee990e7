from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="PageLookResponse")


@_attrs_define
class PageLookResponse:
    """How the deployment wants the sign-in page to look. What is missing keeps its default.

    Attributes:
        accent_dark (None | str | Unset): Accent colour on dark surfaces. Example: #fdba74.
        accent_light (None | str | Unset): Accent colour on light surfaces. Example: #9a3412.
        logo (None | str | Unset): Path of the logo. Example: /page/logo.
        name (None | str | Unset): What stands in place of the product's name. Example: Wool & Thread.
    """

    accent_dark: None | str | Unset = UNSET
    accent_light: None | str | Unset = UNSET
    logo: None | str | Unset = UNSET
    name: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        accent_dark: None | str | Unset
        if isinstance(self.accent_dark, Unset):
            accent_dark = UNSET
        else:
            accent_dark = self.accent_dark

        accent_light: None | str | Unset
        if isinstance(self.accent_light, Unset):
            accent_light = UNSET
        else:
            accent_light = self.accent_light

        logo: None | str | Unset
        if isinstance(self.logo, Unset):
            logo = UNSET
        else:
            logo = self.logo

        name: None | str | Unset
        if isinstance(self.name, Unset):
            name = UNSET
        else:
            name = self.name

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if accent_dark is not UNSET:
            field_dict["accent_dark"] = accent_dark
        if accent_light is not UNSET:
            field_dict["accent_light"] = accent_light
        if logo is not UNSET:
            field_dict["logo"] = logo
        if name is not UNSET:
            field_dict["name"] = name

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_accent_dark(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        accent_dark = _parse_accent_dark(d.pop("accent_dark", UNSET))

        def _parse_accent_light(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        accent_light = _parse_accent_light(d.pop("accent_light", UNSET))

        def _parse_logo(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        logo = _parse_logo(d.pop("logo", UNSET))

        def _parse_name(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        name = _parse_name(d.pop("name", UNSET))

        page_look_response = cls(
            accent_dark=accent_dark,
            accent_light=accent_light,
            logo=logo,
            name=name,
        )

        page_look_response.additional_properties = d
        return page_look_response

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
