from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, File, FileTypes, Unset

T = TypeVar("T", bound="RegisterForm")


@_attrs_define
class RegisterForm:
    """`RegisterRequest` as a form. Pictures are files, and the field `b` of an object `a` is `a.b`.

    Attributes:
        consent_granted (bool): Must be `true`.
        consent_policy_version (str): The version of the text the person agreed to. Example: 2026-11.
        username (str): 1 to 128 ASCII letters, digits and `. _ - @ +`; letter case does not count. Example: ada.
        face_image (File | Unset): One picture. As a file.
        face_images (list[File] | Unset): Up to five pictures of the same person. As files, one field each.
        invitation (str | Unset): The secret of an invitation, which is needed where registration is by invitation. It
            is used
            up when the account is made, and not before. Example: fi_....
        liveness_attestation (str | Unset): The object of the same name in the JSON form, as text.
        liveness_frames (list[File] | Unset): 8 to 30 frames, in order, at most 1.5 seconds apart. In a form: one `t_ms`
            and one `frames`
            field each, or a `video_clip` instead. Frames are looked at while the others arrive when the
            time of each comes before it: all times first, or each directly before its frame. The second
            way is for who sends the form while the frames are taken, without a `Content-Length`.
        liveness_nonce (str | Unset): The newest nonce of the session. Example:
            k3q5rXy0m0b2-4yq1m9o6Q3r0aJx3vQ1o0sYb0a7cXE.
        liveness_session_id (UUID | Unset): The session.
        liveness_t_ms (list[float] | Unset): When it was taken, in milliseconds since the client received the steps.
            Fractions are
            rounded. One field for each frame, in the same order.
        liveness_video_clip (File | Unset): Instead of frames: a WebM (VP8, VP9) or MP4 (H.264) of at most 4 MiB and
            1280 pixels on the longer side; at 30 pictures a second at most 8 seconds of 1280x720 or 20 seconds of 640x480.
        liveness_token (str | Unset): What `/liveness` answered. The face that was judged there becomes the template.
    """

    consent_granted: bool
    consent_policy_version: str
    username: str
    face_image: File | Unset = UNSET
    face_images: list[File] | Unset = UNSET
    invitation: str | Unset = UNSET
    liveness_attestation: str | Unset = UNSET
    liveness_frames: list[File] | Unset = UNSET
    liveness_nonce: str | Unset = UNSET
    liveness_session_id: UUID | Unset = UNSET
    liveness_t_ms: list[float] | Unset = UNSET
    liveness_video_clip: File | Unset = UNSET
    liveness_token: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        consent_granted = self.consent_granted

        consent_policy_version = self.consent_policy_version

        username = self.username

        face_image: FileTypes | Unset = UNSET
        if not isinstance(self.face_image, Unset):
            face_image = self.face_image.to_tuple()

        face_images: list[FileTypes] | Unset = UNSET
        if not isinstance(self.face_images, Unset):
            face_images = []
            for face_images_item_data in self.face_images:
                face_images_item = face_images_item_data.to_tuple()

                face_images.append(face_images_item)

        invitation = self.invitation

        liveness_attestation = self.liveness_attestation

        liveness_frames: list[FileTypes] | Unset = UNSET
        if not isinstance(self.liveness_frames, Unset):
            liveness_frames = []
            for liveness_frames_item_data in self.liveness_frames:
                liveness_frames_item = liveness_frames_item_data.to_tuple()

                liveness_frames.append(liveness_frames_item)

        liveness_nonce = self.liveness_nonce

        liveness_session_id: str | Unset = UNSET
        if not isinstance(self.liveness_session_id, Unset):
            liveness_session_id = str(self.liveness_session_id)

        liveness_t_ms: list[float] | Unset = UNSET
        if not isinstance(self.liveness_t_ms, Unset):
            liveness_t_ms = self.liveness_t_ms

        liveness_video_clip: FileTypes | Unset = UNSET
        if not isinstance(self.liveness_video_clip, Unset):
            liveness_video_clip = self.liveness_video_clip.to_tuple()

        liveness_token = self.liveness_token

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "consent.granted": consent_granted,
                "consent.policy_version": consent_policy_version,
                "username": username,
            }
        )
        if face_image is not UNSET:
            field_dict["face_image"] = face_image
        if face_images is not UNSET:
            field_dict["face_images"] = face_images
        if invitation is not UNSET:
            field_dict["invitation"] = invitation
        if liveness_attestation is not UNSET:
            field_dict["liveness.attestation"] = liveness_attestation
        if liveness_frames is not UNSET:
            field_dict["liveness.frames"] = liveness_frames
        if liveness_nonce is not UNSET:
            field_dict["liveness.nonce"] = liveness_nonce
        if liveness_session_id is not UNSET:
            field_dict["liveness.session_id"] = liveness_session_id
        if liveness_t_ms is not UNSET:
            field_dict["liveness.t_ms"] = liveness_t_ms
        if liveness_video_clip is not UNSET:
            field_dict["liveness.video_clip"] = liveness_video_clip
        if liveness_token is not UNSET:
            field_dict["liveness_token"] = liveness_token

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("consent.granted", (None, str(self.consent_granted).encode(), "text/plain")))

        files.append(
            (
                "consent.policy_version",
                (None, str(self.consent_policy_version).encode(), "text/plain"),
            )
        )

        files.append(("username", (None, str(self.username).encode(), "text/plain")))

        if not isinstance(self.face_image, Unset):
            files.append(("face_image", self.face_image.to_tuple()))

        if not isinstance(self.face_images, Unset):
            for face_images_item_element in self.face_images:
                files.append(("face_images", face_images_item_element.to_tuple()))

        if not isinstance(self.invitation, Unset):
            files.append(("invitation", (None, str(self.invitation).encode(), "text/plain")))

        if not isinstance(self.liveness_attestation, Unset):
            files.append(
                (
                    "liveness.attestation",
                    (None, str(self.liveness_attestation).encode(), "text/plain"),
                )
            )

        if not isinstance(self.liveness_frames, Unset):
            for liveness_frames_item_element in self.liveness_frames:
                files.append(("liveness.frames", liveness_frames_item_element.to_tuple()))

        if not isinstance(self.liveness_nonce, Unset):
            files.append(
                ("liveness.nonce", (None, str(self.liveness_nonce).encode(), "text/plain"))
            )

        if not isinstance(self.liveness_session_id, Unset):
            files.append(
                ("liveness.session_id", (None, str(self.liveness_session_id), "text/plain"))
            )

        if not isinstance(self.liveness_t_ms, Unset):
            for liveness_t_ms_item_element in self.liveness_t_ms:
                files.append(
                    (
                        "liveness.t_ms",
                        (None, str(liveness_t_ms_item_element).encode(), "text/plain"),
                    )
                )

        if not isinstance(self.liveness_video_clip, Unset):
            files.append(("liveness.video_clip", self.liveness_video_clip.to_tuple()))

        if not isinstance(self.liveness_token, Unset):
            files.append(
                ("liveness_token", (None, str(self.liveness_token).encode(), "text/plain"))
            )

        for prop_name, prop in self.additional_properties.items():
            files.append((prop_name, (None, str(prop).encode(), "text/plain")))

        return files

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        consent_granted = d.pop("consent.granted")

        consent_policy_version = d.pop("consent.policy_version")

        username = d.pop("username")

        _face_image = d.pop("face_image", UNSET)
        face_image: File | Unset
        if isinstance(_face_image, Unset):
            face_image = UNSET
        else:
            face_image = File(payload=BytesIO(_face_image))

        _face_images = d.pop("face_images", UNSET)
        face_images: list[File] | Unset = UNSET
        if _face_images is not UNSET:
            face_images = []
            for face_images_item_data in _face_images:
                face_images_item = File(payload=BytesIO(face_images_item_data))

                face_images.append(face_images_item)

        invitation = d.pop("invitation", UNSET)

        liveness_attestation = d.pop("liveness.attestation", UNSET)

        _liveness_frames = d.pop("liveness.frames", UNSET)
        liveness_frames: list[File] | Unset = UNSET
        if _liveness_frames is not UNSET:
            liveness_frames = []
            for liveness_frames_item_data in _liveness_frames:
                liveness_frames_item = File(payload=BytesIO(liveness_frames_item_data))

                liveness_frames.append(liveness_frames_item)

        liveness_nonce = d.pop("liveness.nonce", UNSET)

        _liveness_session_id = d.pop("liveness.session_id", UNSET)
        liveness_session_id: UUID | Unset
        if isinstance(_liveness_session_id, Unset):
            liveness_session_id = UNSET
        else:
            liveness_session_id = UUID(_liveness_session_id)

        liveness_t_ms = cast(list[float], d.pop("liveness.t_ms", UNSET))

        _liveness_video_clip = d.pop("liveness.video_clip", UNSET)
        liveness_video_clip: File | Unset
        if isinstance(_liveness_video_clip, Unset):
            liveness_video_clip = UNSET
        else:
            liveness_video_clip = File(payload=BytesIO(_liveness_video_clip))

        liveness_token = d.pop("liveness_token", UNSET)

        register_form = cls(
            consent_granted=consent_granted,
            consent_policy_version=consent_policy_version,
            username=username,
            face_image=face_image,
            face_images=face_images,
            invitation=invitation,
            liveness_attestation=liveness_attestation,
            liveness_frames=liveness_frames,
            liveness_nonce=liveness_nonce,
            liveness_session_id=liveness_session_id,
            liveness_t_ms=liveness_t_ms,
            liveness_video_clip=liveness_video_clip,
            liveness_token=liveness_token,
        )

        register_form.additional_properties = d
        return register_form

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
