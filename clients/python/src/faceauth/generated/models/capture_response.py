from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.registration_body import RegistrationBody
from ..models.second_factor_mode_body import SecondFactorModeBody

if TYPE_CHECKING:
    from ..models.face_limits import FaceLimits
    from ..models.image_limits import ImageLimits


T = TypeVar("T", bound="CaptureResponse")


@_attrs_define
class CaptureResponse:
    """What pages and apps need to know to guide a person to a capture that will be accepted.

    Attributes:
        enrolment_image_days (int): Days for which a sealed picture of an enrolled face is kept. A page can say so where
            it asks
            for consent. 0: no picture is kept. Example: 0.
        face (FaceLimits): Limits of a face that is enrolled; signing in takes a little more. The service measures them
            itself; a client that guides by
            them gets fewer refusals.
        image (ImageLimits): What a picture must be like.
        liveness_required (bool): Whether a picture alone is refused: `/register`, `/verify` and `/me/faces` then want a
            liveness capture or the token of one.
        liveness_steps (int): Steps of a liveness challenge. Example: 3.
        passkey_alone (bool): Whether a passkey alone signs in: `/verify/passkey/challenge`.
        registration (RegistrationBody): Who may register.
        second_factor (SecondFactorModeBody): When a face is not enough.
    """

    enrolment_image_days: int
    face: FaceLimits
    image: ImageLimits
    liveness_required: bool
    liveness_steps: int
    passkey_alone: bool
    registration: RegistrationBody
    second_factor: SecondFactorModeBody
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        enrolment_image_days = self.enrolment_image_days

        face = self.face.to_dict()

        image = self.image.to_dict()

        liveness_required = self.liveness_required

        liveness_steps = self.liveness_steps

        passkey_alone = self.passkey_alone

        registration = self.registration.value

        second_factor = self.second_factor.value

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "enrolment_image_days": enrolment_image_days,
                "face": face,
                "image": image,
                "liveness_required": liveness_required,
                "liveness_steps": liveness_steps,
                "passkey_alone": passkey_alone,
                "registration": registration,
                "second_factor": second_factor,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.face_limits import FaceLimits  # noqa: PLC0415
        from ..models.image_limits import ImageLimits  # noqa: PLC0415

        d = dict(src_dict)
        enrolment_image_days = d.pop("enrolment_image_days")

        face = FaceLimits.from_dict(d.pop("face"))

        image = ImageLimits.from_dict(d.pop("image"))

        liveness_required = d.pop("liveness_required")

        liveness_steps = d.pop("liveness_steps")

        passkey_alone = d.pop("passkey_alone")

        registration = RegistrationBody(d.pop("registration"))

        second_factor = SecondFactorModeBody(d.pop("second_factor"))

        capture_response = cls(
            enrolment_image_days=enrolment_image_days,
            face=face,
            image=image,
            liveness_required=liveness_required,
            liveness_steps=liveness_steps,
            passkey_alone=passkey_alone,
            registration=registration,
            second_factor=second_factor,
        )

        capture_response.additional_properties = d
        return capture_response

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
