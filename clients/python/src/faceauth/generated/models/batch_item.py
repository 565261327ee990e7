from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.consent_body import ConsentBody


T = TypeVar("T", bound="BatchItem")


@_attrs_define
class BatchItem:
    """One person, a line of the request.

    Attributes:
        consent (ConsentBody): The person's explicit agreement to biometric processing.
        username (str): As in `/register`. Example: ada.
        face_image (None | str | Unset):
        face_images (list[str] | None | Unset): Up to five pictures of the same person.
        idempotency_key (None | str | Unset): The same line with the same key within a day answers the account it made;
            another line
            with it is refused.
    """

    consent: ConsentBody
    username: str
    face_image: None | str | Unset = UNSET
    face_images: list[str] | None | Unset = UNSET
    idempotency_key: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        consent = self.consent.to_dict()

        username = self.username

        face_image: None | str | Unset
        if isinstance(self.face_image, Unset):
            face_image = UNSET
        else:
            face_image = self.face_image

        face_images: list[str] | None | Unset
        if isinstance(self.face_images, Unset):
            face_images = UNSET
        elif isinstance(self.face_images, list):
            face_images = self.face_images

        else:
            face_images = self.face_images

        idempotency_key: None | str | Unset
        if isinstance(self.idempotency_key, Unset):
            idempotency_key = UNSET
        else:
            idempotency_key = self.idempotency_key

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "consent": consent,
                "username": username,
            }
        )
        if face_image is not UNSET:
            field_dict["face_image"] = face_image
        if face_images is not UNSET:
            field_dict["face_images"] = face_images
        if idempotency_key is not UNSET:
            field_dict["idempotency_key"] = idempotency_key

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.consent_body import ConsentBody  # noqa: PLC0415

        d = dict(src_dict)
        consent = ConsentBody.from_dict(d.pop("consent"))

        username = d.pop("username")

        def _parse_face_image(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        face_image = _parse_face_image(d.pop("face_image", UNSET))

        def _parse_face_images(data: object) -> list[str] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                face_images_type_0 = cast(list[str], data)

                return face_images_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[str] | None | Unset, data)

        face_images = _parse_face_images(d.pop("face_images", UNSET))

        def _parse_idempotency_key(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        idempotency_key = _parse_idempotency_key(d.pop("idempotency_key", UNSET))

        batch_item = cls(
            consent=consent,
            username=username,
            face_image=face_image,
            face_images=face_images,
            idempotency_key=idempotency_key,
        )

        batch_item.additional_properties = d
        return batch_item

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
