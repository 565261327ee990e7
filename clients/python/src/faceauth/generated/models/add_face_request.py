from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.liveness_input import LivenessInput


T = TypeVar("T", bound="AddFaceRequest")


@_attrs_define
class AddFaceRequest:
    """Another face of the account holder: a picture, a liveness capture, or the token of one with
    or without a picture. With liveness, the frames that were found live are enrolled.

        Attributes:
            face_image (None | str | Unset):
            liveness (LivenessInput | None | Unset):
            liveness_token (None | str | Unset): What `/liveness` answered.
    """

    face_image: None | str | Unset = UNSET
    liveness: LivenessInput | None | Unset = UNSET
    liveness_token: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.liveness_input import LivenessInput  # noqa: PLC0415

        face_image: None | str | Unset
        if isinstance(self.face_image, Unset):
            face_image = UNSET
        else:
            face_image = self.face_image

        liveness: dict[str, Any] | None | Unset
        if isinstance(self.liveness, Unset):
            liveness = UNSET
        elif isinstance(self.liveness, LivenessInput):
            liveness = self.liveness.to_dict()
        else:
            liveness = self.liveness

        liveness_token: None | str | Unset
        if isinstance(self.liveness_token, Unset):
            liveness_token = UNSET
        else:
            liveness_token = self.liveness_token

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if face_image is not UNSET:
            field_dict["face_image"] = face_image
        if liveness is not UNSET:
            field_dict["liveness"] = liveness
        if liveness_token is not UNSET:
            field_dict["liveness_token"] = liveness_token

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.liveness_input import LivenessInput  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_face_image(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        face_image = _parse_face_image(d.pop("face_image", UNSET))

        def _parse_liveness(data: object) -> LivenessInput | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                liveness_type_0 = LivenessInput.from_dict(data)

                return liveness_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(LivenessInput | None | Unset, data)

        liveness = _parse_liveness(d.pop("liveness", UNSET))

        def _parse_liveness_token(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        liveness_token = _parse_liveness_token(d.pop("liveness_token", UNSET))

        add_face_request = cls(
            face_image=face_image,
            liveness=liveness,
            liveness_token=liveness_token,
        )

        add_face_request.additional_properties = d
        return add_face_request

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
