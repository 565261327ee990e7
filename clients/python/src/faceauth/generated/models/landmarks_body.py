from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.point_body import PointBody


T = TypeVar("T", bound="LandmarksBody")


@_attrs_define
class LandmarksBody:
    """Five points. Sides are the image's, not the person's.

    Attributes:
        eye_image_left (PointBody): A point in pixels.
        eye_image_right (PointBody): A point in pixels.
        mouth_image_left (PointBody): A point in pixels.
        mouth_image_right (PointBody): A point in pixels.
        nose (PointBody): A point in pixels.
    """

    eye_image_left: PointBody
    eye_image_right: PointBody
    mouth_image_left: PointBody
    mouth_image_right: PointBody
    nose: PointBody
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        eye_image_left = self.eye_image_left.to_dict()

        eye_image_right = self.eye_image_right.to_dict()

        mouth_image_left = self.mouth_image_left.to_dict()

        mouth_image_right = self.mouth_image_right.to_dict()

        nose = self.nose.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "eye_image_left": eye_image_left,
                "eye_image_right": eye_image_right,
                "mouth_image_left": mouth_image_left,
                "mouth_image_right": mouth_image_right,
                "nose": nose,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.point_body import PointBody  # noqa: PLC0415

        d = dict(src_dict)
        eye_image_left = PointBody.from_dict(d.pop("eye_image_left"))

        eye_image_right = PointBody.from_dict(d.pop("eye_image_right"))

        mouth_image_left = PointBody.from_dict(d.pop("mouth_image_left"))

        mouth_image_right = PointBody.from_dict(d.pop("mouth_image_right"))

        nose = PointBody.from_dict(d.pop("nose"))

        landmarks_body = cls(
            eye_image_left=eye_image_left,
            eye_image_right=eye_image_right,
            mouth_image_left=mouth_image_left,
            mouth_image_right=mouth_image_right,
            nose=nose,
        )

        landmarks_body.additional_properties = d
        return landmarks_body

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
