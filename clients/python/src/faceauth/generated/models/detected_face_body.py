from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.box_body import BoxBody
    from ..models.landmarks_body import LandmarksBody
    from ..models.quality_body import QualityBody


T = TypeVar("T", bound="DetectedFaceBody")


@_attrs_define
class DetectedFaceBody:
    """A face: where it is and whether it could be enrolled. Signing in takes a little more.

    Attributes:
        box (BoxBody): A box in pixels; may reach past the picture.
        landmarks (LandmarksBody): Five points. Sides are the image's, not the person's.
        quality (QualityBody): How usable a picture of a face is.
    """

    box: BoxBody
    landmarks: LandmarksBody
    quality: QualityBody
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        box = self.box.to_dict()

        landmarks = self.landmarks.to_dict()

        quality = self.quality.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "box": box,
                "landmarks": landmarks,
                "quality": quality,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.box_body import BoxBody  # noqa: PLC0415
        from ..models.landmarks_body import LandmarksBody  # noqa: PLC0415
        from ..models.quality_body import QualityBody  # noqa: PLC0415

        d = dict(src_dict)
        box = BoxBody.from_dict(d.pop("box"))

        landmarks = LandmarksBody.from_dict(d.pop("landmarks"))

        quality = QualityBody.from_dict(d.pop("quality"))

        detected_face_body = cls(
            box=box,
            landmarks=landmarks,
            quality=quality,
        )

        detected_face_body.additional_properties = d
        return detected_face_body

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
