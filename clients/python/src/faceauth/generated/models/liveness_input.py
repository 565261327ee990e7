from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.android_key_attestation import AndroidKeyAttestation
    from ..models.apple_app_attestation import AppleAppAttestation
    from ..models.frame_input import FrameInput


T = TypeVar("T", bound="LivenessInput")


@_attrs_define
class LivenessInput:
    """A capture that answers the steps of a session.

    Attributes:
        nonce (str): The newest nonce of the session. Example: k3q5rXy0m0b2-4yq1m9o6Q3r0aJx3vQ1o0sYb0a7cXE.
        session_id (UUID): The session.
        attestation (AndroidKeyAttestation | AppleAppAttestation | None | Unset):
        frames (list[FrameInput] | None | Unset): 8 to 30 frames, in order, at most 1.5 seconds apart. In a form: one
            `t_ms` and one `frames`
            field each, or a `video_clip` instead. Frames are looked at while the others arrive when the
            time of each comes before it: all times first, or each directly before its frame. The second
            way is for who sends the form while the frames are taken, without a `Content-Length`.
    """

    nonce: str
    session_id: UUID
    attestation: AndroidKeyAttestation | AppleAppAttestation | None | Unset = UNSET
    frames: list[FrameInput] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.android_key_attestation import AndroidKeyAttestation  # noqa: PLC0415
        from ..models.apple_app_attestation import AppleAppAttestation  # noqa: PLC0415

        nonce = self.nonce

        session_id = str(self.session_id)

        attestation: dict[str, Any] | None | Unset
        if isinstance(self.attestation, Unset):
            attestation = UNSET
        elif isinstance(self.attestation, AndroidKeyAttestation):
            attestation = self.attestation.to_dict()
        elif isinstance(self.attestation, AppleAppAttestation):
            attestation = self.attestation.to_dict()
        else:
            attestation = self.attestation

        frames: list[dict[str, Any]] | None | Unset
        if isinstance(self.frames, Unset):
            frames = UNSET
        elif isinstance(self.frames, list):
            frames = []
            for frames_type_0_item_data in self.frames:
                frames_type_0_item = frames_type_0_item_data.to_dict()
                frames.append(frames_type_0_item)

        else:
            frames = self.frames

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "nonce": nonce,
                "session_id": session_id,
            }
        )
        if attestation is not UNSET:
            field_dict["attestation"] = attestation
        if frames is not UNSET:
            field_dict["frames"] = frames

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.android_key_attestation import AndroidKeyAttestation  # noqa: PLC0415
        from ..models.apple_app_attestation import AppleAppAttestation  # noqa: PLC0415
        from ..models.frame_input import FrameInput  # noqa: PLC0415

        d = dict(src_dict)
        nonce = d.pop("nonce")

        session_id = UUID(d.pop("session_id"))

        def _parse_attestation(
            data: object,
        ) -> AndroidKeyAttestation | AppleAppAttestation | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_attestation_input_type_0 = AndroidKeyAttestation.from_dict(data)

                return componentsschemas_attestation_input_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                componentsschemas_attestation_input_type_1 = AppleAppAttestation.from_dict(data)

                return componentsschemas_attestation_input_type_1
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(AndroidKeyAttestation | AppleAppAttestation | None | Unset, data)

        attestation = _parse_attestation(d.pop("attestation", UNSET))

        def _parse_frames(data: object) -> list[FrameInput] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                frames_type_0 = []
                _frames_type_0 = data
                for frames_type_0_item_data in _frames_type_0:
                    frames_type_0_item = FrameInput.from_dict(frames_type_0_item_data)

                    frames_type_0.append(frames_type_0_item)

                return frames_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[FrameInput] | None | Unset, data)

        frames = _parse_frames(d.pop("frames", UNSET))

        liveness_input = cls(
            nonce=nonce,
            session_id=session_id,
            attestation=attestation,
            frames=frames,
        )

        liveness_input.additional_properties = d
        return liveness_input

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
