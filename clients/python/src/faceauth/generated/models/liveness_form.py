from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from .. import types
from ..types import UNSET, File, FileTypes, Unset

T = TypeVar("T", bound="LivenessForm")


@_attrs_define
class LivenessForm:
    """`LivenessInput` as a form. Pictures are files, and the field `b` of an object `a` is `a.b`.

    Attributes:
        nonce (str): The newest nonce of the session. Example: k3q5rXy0m0b2-4yq1m9o6Q3r0aJx3vQ1o0sYb0a7cXE.
        session_id (UUID): The session.
        attestation (str | Unset): The object of the same name in the JSON form, as text.
        frames (list[File] | Unset): 8 to 30 frames, in order, at most 1.5 seconds apart. In a form: one `t_ms` and one
            `frames`
            field each, or a `video_clip` instead. Frames are looked at while the others arrive when the
            time of each comes before it: all times first, or each directly before its frame. The second
            way is for who sends the form while the frames are taken, without a `Content-Length`.
        t_ms (list[float] | Unset): When it was taken, in milliseconds since the client received the steps. Fractions
            are
            rounded. One field for each frame, in the same order.
        video_clip (File | Unset): Instead of frames: a WebM (VP8, VP9) or MP4 (H.264) of at most 4 MiB and 1280 pixels
            on the longer side; at 30 pictures a second at most 8 seconds of 1280x720 or 20 seconds of 640x480.
    """

    nonce: str
    session_id: UUID
    attestation: str | Unset = UNSET
    frames: list[File] | Unset = UNSET
    t_ms: list[float] | Unset = UNSET
    video_clip: File | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        nonce = self.nonce

        session_id = str(self.session_id)

        attestation = self.attestation

        frames: list[FileTypes] | Unset = UNSET
        if not isinstance(self.frames, Unset):
            frames = []
            for frames_item_data in self.frames:
                frames_item = frames_item_data.to_tuple()

                frames.append(frames_item)

        t_ms: list[float] | Unset = UNSET
        if not isinstance(self.t_ms, Unset):
            t_ms = self.t_ms

        video_clip: FileTypes | Unset = UNSET
        if not isinstance(self.video_clip, Unset):
            video_clip = self.video_clip.to_tuple()

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
        if t_ms is not UNSET:
            field_dict["t_ms"] = t_ms
        if video_clip is not UNSET:
            field_dict["video_clip"] = video_clip

        return field_dict

    def to_multipart(self) -> types.RequestFiles:
        files: types.RequestFiles = []

        files.append(("nonce", (None, str(self.nonce).encode(), "text/plain")))

        files.append(("session_id", (None, str(self.session_id), "text/plain")))

        if not isinstance(self.attestation, Unset):
            files.append(("attestation", (None, str(self.attestation).encode(), "text/plain")))

        if not isinstance(self.frames, Unset):
            for frames_item_element in self.frames:
                files.append(("frames", frames_item_element.to_tuple()))

        if not isinstance(self.t_ms, Unset):
            for t_ms_item_element in self.t_ms:
                files.append(("t_ms", (None, str(t_ms_item_element).encode(), "text/plain")))

        if not isinstance(self.video_clip, Unset):
            files.append(("video_clip", self.video_clip.to_tuple()))

        for prop_name, prop in self.additional_properties.items():
            files.append((prop_name, (None, str(prop).encode(), "text/plain")))

        return files

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        nonce = d.pop("nonce")

        session_id = UUID(d.pop("session_id"))

        attestation = d.pop("attestation", UNSET)

        _frames = d.pop("frames", UNSET)
        frames: list[File] | Unset = UNSET
        if _frames is not UNSET:
            frames = []
            for frames_item_data in _frames:
                frames_item = File(payload=BytesIO(frames_item_data))

                frames.append(frames_item)

        t_ms = cast(list[float], d.pop("t_ms", UNSET))

        _video_clip = d.pop("video_clip", UNSET)
        video_clip: File | Unset
        if isinstance(_video_clip, Unset):
            video_clip = UNSET
        else:
            video_clip = File(payload=BytesIO(_video_clip))

        liveness_form = cls(
            nonce=nonce,
            session_id=session_id,
            attestation=attestation,
            frames=frames,
            t_ms=t_ms,
            video_clip=video_clip,
        )

        liveness_form.additional_properties = d
        return liveness_form

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
