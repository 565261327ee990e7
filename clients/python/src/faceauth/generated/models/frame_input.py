from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="FrameInput")


@_attrs_define
class FrameInput:
    """One frame of a capture.

    Attributes:
        image (str): A JPEG, PNG or WebP image of at most 10 MiB and 4096 pixels a side: base64 of either alphabet, bare
            or as a `data:image/...;base64,` URL. The bytes decide the format. EXIF orientation is applied.
        t_ms (float): When it was taken, in milliseconds since the client received the steps. Fractions are
            rounded. Example: 400.
        step_id (None | str | Unset): The step that was shown to the person. A hint for people who read captures: the
            server
            judges what it sees.
    """

    image: str
    t_ms: float
    step_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        image = self.image

        t_ms = self.t_ms

        step_id: None | str | Unset
        if isinstance(self.step_id, Unset):
            step_id = UNSET
        else:
            step_id = self.step_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "image": image,
                "t_ms": t_ms,
            }
        )
        if step_id is not UNSET:
            field_dict["step_id"] = step_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        image = d.pop("image")

        t_ms = d.pop("t_ms")

        def _parse_step_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        step_id = _parse_step_id(d.pop("step_id", UNSET))

        frame_input = cls(
            image=image,
            t_ms=t_ms,
            step_id=step_id,
        )

        frame_input.additional_properties = d
        return frame_input

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
