from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.capture_limits import CaptureLimits
    from ..models.step_body import StepBody


T = TypeVar("T", bound="SessionResponse")


@_attrs_define
class SessionResponse:
    """A challenge.

    Attributes:
        nonce (str): Goes back with the capture. Example: k3q5rXy0m0b2-4yq1m9o6Q3r0aJx3vQ1o0sYb0a7cXE.
        steps (list[StepBody]): To be performed in this order and nothing else between.
        attempts_left (int): Captures the session will still judge. Example: 3.
        capture (CaptureLimits): What a capture must be like.
        expires_at (datetime.datetime): When the session ends.
        session_id (UUID): The session.
    """

    nonce: str
    steps: list[StepBody]
    attempts_left: int
    capture: CaptureLimits
    expires_at: datetime.datetime
    session_id: UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        nonce = self.nonce

        steps = []
        for steps_item_data in self.steps:
            steps_item = steps_item_data.to_dict()
            steps.append(steps_item)

        attempts_left = self.attempts_left

        capture = self.capture.to_dict()

        expires_at = self.expires_at.isoformat()

        session_id = str(self.session_id)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "nonce": nonce,
                "steps": steps,
                "attempts_left": attempts_left,
                "capture": capture,
                "expires_at": expires_at,
                "session_id": session_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.capture_limits import CaptureLimits  # noqa: PLC0415
        from ..models.step_body import StepBody  # noqa: PLC0415

        d = dict(src_dict)
        nonce = d.pop("nonce")

        steps = []
        _steps = d.pop("steps")
        for steps_item_data in _steps:
            steps_item = StepBody.from_dict(steps_item_data)

            steps.append(steps_item)

        attempts_left = d.pop("attempts_left")

        capture = CaptureLimits.from_dict(d.pop("capture"))

        expires_at = datetime.datetime.fromisoformat(d.pop("expires_at"))

        session_id = UUID(d.pop("session_id"))

        session_response = cls(
            nonce=nonce,
            steps=steps,
            attempts_left=attempts_left,
            capture=capture,
            expires_at=expires_at,
            session_id=session_id,
        )

        session_response.additional_properties = d
        return session_response

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
