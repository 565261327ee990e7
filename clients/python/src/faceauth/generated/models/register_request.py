from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.consent_body import ConsentBody
    from ..models.liveness_input import LivenessInput


T = TypeVar("T", bound="RegisterRequest")


@_attrs_define
class RegisterRequest:
    """A person who wants an account: `face_image`, `face_images`, or a liveness capture or token.
    Pictures beside a capture or token must show the same person and are not enrolled: the
    template is made of the frames that were found live.

        Attributes:
            consent (ConsentBody): The person's explicit agreement to biometric processing.
            username (str): 1 to 128 ASCII letters, digits and `. _ - @ +`; letter case does not count. Example: ada.
            face_image (None | str | Unset):
            face_images (list[str] | None | Unset): Up to five pictures of the same person.
            invitation (None | str | Unset): The secret of an invitation, which is needed where registration is by
                invitation. It is used
                up when the account is made, and not before. Example: fi_....
            liveness (LivenessInput | None | Unset):
            liveness_token (None | str | Unset): What `/liveness` answered. The face that was judged there becomes the
                template.
    """

    consent: ConsentBody
    username: str
    face_image: None | str | Unset = UNSET
    face_images: list[str] | None | Unset = UNSET
    invitation: None | str | Unset = UNSET
    liveness: LivenessInput | None | Unset = UNSET
    liveness_token: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.liveness_input import LivenessInput  # noqa: PLC0415

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

        invitation: None | str | Unset
        if isinstance(self.invitation, Unset):
            invitation = UNSET
        else:
            invitation = self.invitation

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
        if invitation is not UNSET:
            field_dict["invitation"] = invitation
        if liveness is not UNSET:
            field_dict["liveness"] = liveness
        if liveness_token is not UNSET:
            field_dict["liveness_token"] = liveness_token

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.consent_body import ConsentBody  # noqa: PLC0415
        from ..models.liveness_input import LivenessInput  # noqa: PLC0415

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

        def _parse_invitation(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        invitation = _parse_invitation(d.pop("invitation", UNSET))

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

        register_request = cls(
            consent=consent,
            username=username,
            face_image=face_image,
            face_images=face_images,
            invitation=invitation,
            liveness=liveness,
            liveness_token=liveness_token,
        )

        register_request.additional_properties = d
        return register_request

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
