from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.detected_face_body import DetectedFaceBody
    from ..models.image_size_body import ImageSizeBody


T = TypeVar("T", bound="DetectResponse")


@_attrs_define
class DetectResponse:
    """The faces in a picture.

    Attributes:
        faces (list[DetectedFaceBody]): At most 32, largest first.
        image (ImageSizeBody): Width and height in pixels.
    """

    faces: list[DetectedFaceBody]
    image: ImageSizeBody
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        faces = []
        for faces_item_data in self.faces:
            faces_item = faces_item_data.to_dict()
            faces.append(faces_item)

        image = self.image.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "faces": faces,
                "image": image,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.detected_face_body import DetectedFaceBody  # noqa: PLC0415
        from ..models.image_size_body import ImageSizeBody  # noqa: PLC0415

        d = dict(src_dict)
        faces = []
        _faces = d.pop("faces")
        for faces_item_data in _faces:
            faces_item = DetectedFaceBody.from_dict(faces_item_data)

            faces.append(faces_item)

        image = ImageSizeBody.from_dict(d.pop("image"))

        detect_response = cls(
            faces=faces,
            image=image,
        )

        detect_response.additional_properties = d
        return detect_response

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
