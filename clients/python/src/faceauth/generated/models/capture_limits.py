from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CaptureLimits")


@_attrs_define
class CaptureLimits:
    """What a capture must be like.

    Attributes:
        formats (list[str]): Media types of frames and clips. Example: ['image/jpeg', 'video/webm'].
        max_clip_bytes (int): Most bytes of a clip. Example: 20971520.
        max_duration_ms (int): Most milliseconds from the first frame to the last, and of a clip. Example: 20000.
        max_frames (int): Most frames. Example: 30.
        max_gap_ms (int): Most milliseconds between two frames. Example: 1500.
        max_side (int): Longest side of a frame in pixels. Example: 1920.
        min_frames (int): Least frames. Example: 8.
        min_width (int): Least width of a frame in pixels. Example: 320.
    """

    formats: list[str]
    max_clip_bytes: int
    max_duration_ms: int
    max_frames: int
    max_gap_ms: int
    max_side: int
    min_frames: int
    min_width: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        formats = self.formats

        max_clip_bytes = self.max_clip_bytes

        max_duration_ms = self.max_duration_ms

        max_frames = self.max_frames

        max_gap_ms = self.max_gap_ms

        max_side = self.max_side

        min_frames = self.min_frames

        min_width = self.min_width

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "formats": formats,
                "max_clip_bytes": max_clip_bytes,
                "max_duration_ms": max_duration_ms,
                "max_frames": max_frames,
                "max_gap_ms": max_gap_ms,
                "max_side": max_side,
                "min_frames": min_frames,
                "min_width": min_width,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        formats = cast(list[str], d.pop("formats"))

        max_clip_bytes = d.pop("max_clip_bytes")

        max_duration_ms = d.pop("max_duration_ms")

        max_frames = d.pop("max_frames")

        max_gap_ms = d.pop("max_gap_ms")

        max_side = d.pop("max_side")

        min_frames = d.pop("min_frames")

        min_width = d.pop("min_width")

        capture_limits = cls(
            formats=formats,
            max_clip_bytes=max_clip_bytes,
            max_duration_ms=max_duration_ms,
            max_frames=max_frames,
            max_gap_ms=max_gap_ms,
            max_side=max_side,
            min_frames=min_frames,
            min_width=min_width,
        )

        capture_limits.additional_properties = d
        return capture_limits

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
