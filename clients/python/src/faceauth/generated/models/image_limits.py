from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ImageLimits")


@_attrs_define
class ImageLimits:
    """What a picture must be like.

    Attributes:
        formats (list[str]): Media types. Example: ['image/jpeg', 'image/png', 'image/webp'].
        max_bytes (int): Most bytes of a request with pictures. Example: 10485760.
        max_count (int): Most pictures of a registration. Example: 5.
        max_side (int): Longest side in pixels. Example: 4096.
    """

    formats: list[str]
    max_bytes: int
    max_count: int
    max_side: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        formats = self.formats

        max_bytes = self.max_bytes

        max_count = self.max_count

        max_side = self.max_side

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "formats": formats,
                "max_bytes": max_bytes,
                "max_count": max_count,
                "max_side": max_side,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        formats = cast(list[str], d.pop("formats"))

        max_bytes = d.pop("max_bytes")

        max_count = d.pop("max_count")

        max_side = d.pop("max_side")

        image_limits = cls(
            formats=formats,
            max_bytes=max_bytes,
            max_count=max_count,
            max_side=max_side,
        )

        image_limits.additional_properties = d
        return image_limits

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
