from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="FaceLimits")


@_attrs_define
class FaceLimits:
    """Limits of a face that is enrolled; signing in takes a little more. The service measures them itself; a client that
    guides by
    them gets fewer refusals.

        Attributes:
            max_brightness (float): Most mean grey value of the face, 0 to 255. Example: 225.0.
            max_pitch (float): Most degrees it may be raised or lowered. Example: 40.0.
            max_roll (float): Most degrees it may be tilted. Example: 45.0.
            max_yaw (float): Most degrees the head may be turned, to either side. Example: 55.0.
            min_brightness (float): Least mean grey value of the face, 0 to 255. Example: 35.0.
            min_eye_distance (float): Least distance between the eyes in pixels. Example: 24.0.
            min_margin (float): Least room between the face and the edge of the picture, in face heights. Example: 0.02.
    """

    max_brightness: float
    max_pitch: float
    max_roll: float
    max_yaw: float
    min_brightness: float
    min_eye_distance: float
    min_margin: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        max_brightness = self.max_brightness

        max_pitch = self.max_pitch

        max_roll = self.max_roll

        max_yaw = self.max_yaw

        min_brightness = self.min_brightness

        min_eye_distance = self.min_eye_distance

        min_margin = self.min_margin

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "max_brightness": max_brightness,
                "max_pitch": max_pitch,
                "max_roll": max_roll,
                "max_yaw": max_yaw,
                "min_brightness": min_brightness,
                "min_eye_distance": min_eye_distance,
                "min_margin": min_margin,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        max_brightness = d.pop("max_brightness")

        max_pitch = d.pop("max_pitch")

        max_roll = d.pop("max_roll")

        max_yaw = d.pop("max_yaw")

        min_brightness = d.pop("min_brightness")

        min_eye_distance = d.pop("min_eye_distance")

        min_margin = d.pop("min_margin")

        face_limits = cls(
            max_brightness=max_brightness,
            max_pitch=max_pitch,
            max_roll=max_roll,
            max_yaw=max_yaw,
            min_brightness=min_brightness,
            min_eye_distance=min_eye_distance,
            min_margin=min_margin,
        )

        face_limits.additional_properties = d
        return face_limits

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
